import { join } from 'node:path';
import { cacheRoot } from '../tools/control-plane/binaries.ts';
import { buildOnce } from '../tools/control-plane/build.ts';
import { readModule } from '../tools/control-plane/components.ts';
import { ControlPlaneError } from '../tools/control-plane/errors.ts';

/** The path of kube-score, built once from source; undefined, with a word on stderr, where there is no Go for that. */
export async function findKubeScore(): Promise<string | undefined> {
  const module = readModule(join(import.meta.dirname, 'peers', 'kube-score'));
  const component = {
    name: 'kube-score',
    module,
    package: 'github.com/zegl/kube-score/cmd/kube-score',
    usually: 'half a minute',
  };
  const progress = (line: string) => void process.stderr.write(`${line}\n`);
  try {
    return await buildOnce(component, { env: process.env, cacheRoot: cacheRoot(process.env), progress });
  } catch (error) {
    const withoutGo = error instanceof ControlPlaneError && ['GoMissing', 'GoTooOld'].includes(error.code);
    if (!withoutGo) throw error;
    progress(
      `kube-score is left out: it is built from source, and there is no Go ${module.goVersion} or newer.`,
    );
    return undefined;
  }
}
