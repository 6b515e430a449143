/** Minor of the newest Kubernetes 1.x whose rules are known here. */
export const newestMinor = 37;

/** Minor of the oldest that is supported. */
export const oldestMinor = 30;
