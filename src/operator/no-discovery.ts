import { KubeConfig } from '@kubernetes/client-node';

/**
 * The constructor of the operator's base class looks for a kubeconfig by itself and throws what it meets there, although
 * the one that is used was found and checked before: a file of KUBECONFIG's list that does not exist, which kubectl
 * passes over, or a broken ~/.kube/config that nobody asked for. So the next search finds an empty configuration.
 * @returns `value`, so that this can stand in the arguments of `super`
 */
export function loadsNothing<T>(value: T): T {
  const prototype: Pick<KubeConfig, 'loadFromDefault'> = KubeConfig.prototype;
  const { loadFromDefault } = prototype;
  prototype.loadFromDefault = function (this: KubeConfig) {
    prototype.loadFromDefault = loadFromDefault;
    this.loadFromClusterAndUser(
      { name: 'none', server: 'https://none.invalid', skipTLSVerify: false },
      { name: 'none' },
    );
  };
  return value;
}
