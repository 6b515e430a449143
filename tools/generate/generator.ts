/** Makes files from the sources, the same bytes every time. */
export interface Generator {
  readonly name: string;
  /**
   * @param check write nothing
   * @returns the paths, from the root of the repository, of what was (or would be) written or removed
   */
  run(check: boolean): Promise<readonly string[]>;
}
