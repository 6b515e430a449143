/** What a pod, or its namespace, says to a mesh by annotations, and what an injector has written into its proxy. */
export interface MeshSettings {
  /** Annotation `sidecar.istio.io/inject`, as written. */
  readonly istioInject?: string;
  /** Annotation `linkerd.io/inject`, as written. */
  readonly linkerdInject?: string;
  /** Annotation `config.linkerd.io/default-inbound-policy`, as written. */
  readonly inboundPolicy?: string;
  /** The policy that Linkerd's injector wrote into the proxy: that of the installation, where the annotation is absent. */
  readonly injectedPolicy?: string;
  /** The namespace of the Istio that the proxy has its certificates from. */
  readonly istioNamespace?: string;
  /** Annotations by which traffic goes round the proxy, as `key: value`; sorted. */
  readonly bypasses?: readonly string[];
}
