/** The release of Kubernetes whose API and semantics these are, and whose specs they are held against. */
export const KUBERNETES = 'v1.36.3';
