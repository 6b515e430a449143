import { execFile } from 'node:child_process';

export interface KubectlResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

export interface KubectlSettings {
  readonly command: string;
  readonly kubeconfig: string;
  /** Where it keeps what it learned of the server, instead of the user's home. */
  readonly cacheDir: string;
  readonly env: Record<string, string | undefined>;
}

/** Runs kubectl with `input` on its stdin. A failure of kubectl is a `code`; only one to run it at all rejects. */
export function runKubectl(
  settings: KubectlSettings,
  args: readonly string[],
  input = '',
): Promise<KubectlResult> {
  const { command, kubeconfig, cacheDir } = settings;
  // KUBERC off: the preferences of whoever runs the tests must not change what they see.
  const env = { ...settings.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: cacheDir, KUBERC: 'off' };
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { env, maxBuffer: 2 ** 30 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') resolve({ stdout, stderr, code });
      else reject(new Error(`kubectl ${args.join(' ')} did not run: ${error?.message}`, { cause: error }));
    });
    child.stdin?.on('error', () => {}); // It may end before it has read everything; its own error tells more.
    child.stdin?.end(input);
  });
}
