import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/**
 * Sends what Temporal's workers say to our log. Once a process, before the first connection. Their own signal handlers
 * are off: it is durapod that stops its parts, in order.
 */
export function installTemporalLogging(log: Logger): void {
  Runtime.install({
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      // Workflow and activity failures are told by the Pod's status; here they are for whoever looks for more.
      const shown = level === 'WARN' || level === 'ERROR' ? 'info' : LEVELS[level];
      log[shown]({ ...meta, from: 'temporal', severity: level }, message);
    }),
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) } },
  });
}
