/**
 * The program of a thread, which stands beside the module that starts it. In the bundle all such programs stand beside the
 * main file, one folder above its chunks.
 * @param module `import.meta.url` of who starts it
 * @param name of the file, without its ending
 */
export const threadProgram = (module: string, name: string): URL =>
  new URL(module.endsWith('.ts') ? `./${name}.ts` : `../${name}.js`, module);
