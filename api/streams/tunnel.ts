// biome-ignore lint/style/noRestrictedImports: the node's streaming endpoint; both ends of its tunnel are one piece of code
export * from '../../node/streaming-tunnel.ts';
