import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A temporary folder that plays a machine: its own PATH, home and cache. */
export class Sandbox {
  readonly folder = mkdtempSync(join(tmpdir(), 'plumbline-sandbox-'));
  /** What was told as progress. */
  readonly said: string[] = [];
  readonly progress = (line: string): void => void this.said.push(line);

  at(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** Puts the shell script `body` there; what is in `bin` is on the PATH. */
  write(path: string, body: string): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), `#!/bin/sh\n${body}\n`);
    chmodSync(this.at(path), 0o755);
  }

  read(path: string): string {
    return existsSync(this.at(path)) ? readFileSync(this.at(path), 'utf8') : '';
  }

  /** The names of all files below a folder. */
  list(path: string): string[] {
    if (!existsSync(this.at(path))) return [];
    const entries = readdirSync(this.at(path), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  }

  /** The tools that scripts need are on the PATH, but nothing else of the real machine. */
  environment(more: Record<string, string> = {}): Record<string, string> {
    mkdirSync(this.at('system'), { recursive: true });
    for (const name of ['chmod', 'sleep']) {
      const real = execFileSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
      if (!existsSync(this.at('system', name))) symlinkSync(real, this.at('system', name));
    }
    return { PATH: `${this.at('bin')}:${this.at('system')}`, HOME: this.folder, ...more };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A script that plays Go: `build` is what it does when asked to build, with the shell variable `output` set. */
export function fakeGo(build: string, version = '1.26.8'): string {
  return `if [ "$1" = version ]; then echo "go version go${version} linux/amd64"; exit 0; fi
for argument; do [ "$last" = -o ] && output=$argument; last=$argument; done
${build}`;
}

/** What a finished build does: it leaves something that runs. */
export const finish = `printf '#!/bin/sh\\necho whole\\n' > "$output"; chmod +x "$output"`;
