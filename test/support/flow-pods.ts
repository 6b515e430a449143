/** Pods of agents that see the traffic of their node. */

interface Given {
  readonly node?: string;
  readonly ready?: boolean;
  readonly namespace?: string;
  readonly env?: readonly string[];
  readonly owner?: string;
}

export const flowPod = (
  name: string,
  container: string,
  { node = 'node-1', ready = true, namespace = 'kube-system', env = [], owner = 'DaemonSet' }: Given = {},
) => ({
  metadata: {
    ...{ name, namespace, uid: name },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: owner, name: container, uid: 'ds', controller: true }],
  },
  spec: {
    nodeName: node,
    containers: [
      {
        ...{ name: container, image: `registry.example/${container}:1` },
        env: env.map((each) => ({ name: each, value: 'x' })),
      },
    ],
  },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
