import { join, resolve } from 'node:path';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts';
import { apply, applyKinds, kubectl, list } from './cluster.ts';
import { keepAlive, playFalco } from './falco.ts';
import { DemoMonitoring } from './monitoring.ts';
import { DemoOperator } from './operator.ts';
import { awaitSettled } from './reports.ts';
import { nextSteps, showObjects, showVerdicts } from './show.ts';
import { playTrivyOperator } from './trivy.ts';
import { unplugFalco, unplugging } from './unplug.ts';
import { awaitWorkloads } from './workloads.ts';

export interface DemoOptions {
  /** Ends after the reports were shown. */
  readonly once: boolean;
  /** Shows what the runtime controls say when Falco falls silent, and when it is gone. */
  readonly unplugFalco: boolean;
  /** Starts a Prometheus and an Alertmanager beside it. */
  readonly monitoring: boolean;
  /** Aborts when the person at the terminal has seen enough. */
  readonly signal: AbortSignal;
  /** Progress, for people. */
  readonly say: (line: string) => void;
  /** Results. */
  readonly print: (text: string) => void;
  /** What is done with the demo when it has settled, in place of waiting for a Ctrl-C. */
  readonly use?: (live: LiveDemo) => Promise<void>;
}

export interface LiveDemo {
  readonly plane: ControlPlane;
  /** URL of the operator's metrics, without a path. */
  readonly metrics: string;
  readonly signal: AbortSignal;
  /** Lets Falco see once more what examples/falco tells of, now. */
  readonly replayEvents: () => Promise<unknown>;
}

interface Stoppable {
  stop(): Promise<void>;
}

const root = resolve(import.meta.dirname, '../..');
const inRoot = (...names: string[]) => join(root, ...names);
const inExamples = (...names: string[]) => inRoot('examples', ...names);

const namespaces = ['payments', 'webshop', 'legacy'];
/** Whose rights the operator has; config/rbac says what they are. */
const operatorAccount = 'system:serviceaccount:plumbline-system:plumbline';
const scannerNamespace = 'trivy-system';
/** Of examples/logging.yaml and examples/falco/sensor.yaml; no report is written of them. */
const platform = ['logging', 'falco'];

/**
 * Shows Plumbline on a real API server: resolves when that was shown once, or when the signal aborts afterwards. Throws
 * ControlPlaneError or DemoError. Whatever happens, all that was started is stopped first, and all that was written is
 * removed.
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const started: Stoppable[] = [];
  const over = new AbortController();
  try {
    await play({ ...options, signal: AbortSignal.any([options.signal, over.signal]) }, started);
  } finally {
    // What still waits for something, while something else has failed, would keep the process alive.
    over.abort();
    options.say('Stopping everything.');
    // The operator first: it still writes what it knows.
    for (const one of started.reverse()) await one.stop();
  }
}

async function play(options: DemoOptions, started: Stoppable[]): Promise<void> {
  const { once, monitoring, signal, say, print, use } = options;
  const lateBy = options.unplugFalco ? unplugging.lateBy : undefined;
  say(
    'Starting a control plane: etcd, API server, controller manager, scheduler, and KWOK, which plays the nodes.',
  );
  const plane = await startControlPlane({
    controllerManager: true,
    scheduler: true,
    kwok: true,
    users: [{ name: operatorAccount }],
    progress: say,
    signal,
  });
  started.push(plane);
  await plane.createNodes(3, { prefix: 'worker' });
  say(
    'Installing Plumbline: its kinds and its service account, with the rights of config/rbac and no others.',
  );
  await install(plane);
  signal.throwIfAborted();
  say(`Applying the examples: ${namespaces.join(', ')}. The controllers make their pods.`);
  await applyExamples(plane);
  if (options.unplugFalco) await setParameters(plane, unplugging.parameters);
  const live = await awaitWorkloads(plane, [...namespaces, ...platform], signal);
  const scans = await playTrivyOperator(plane, inExamples('trivy', 'reports'), live, systemClock.now());
  say(`Playing Trivy Operator: ${scans} reports.`);

  say('Starting the operator, which is "plumbline run".');
  const operator = new DemoOperator();
  started.push(operator);
  const { metrics, intake } = await operator.start(plane.kubeconfigFor(operatorAccount), signal);
  const replayEvents = () =>
    playFalco(intake, inExamples('falco', 'events.jsonl'), live, systemClock.now(), lateBy);
  const sent = await replayEvents();
  say(`Playing Falco: ${[...sent.values()].reduce((sum, count) => sum + count, 0)} events.`);
  const unplugged = new AbortController();
  const plugged = AbortSignal.any([signal, unplugged.signal]);
  const sensing = keepAlive(intake, await nodesOf(plane), plugged, lateBy);
  say('Waiting until the reports have settled: each is written at most once in ten seconds.');
  const settling = awaitSettled(plane, metrics, namespaces, sent, signal);
  const reports = await Promise.race([settling, operator.death, sensing]);

  await showObjects(plane, print);
  showVerdicts(reports, namespaces, print);
  if (use !== undefined)
    return Promise.race([use({ plane, metrics, signal, replayEvents }), operator.death, sensing]);
  if (options.unplugFalco) {
    const silence = () => unplugged.abort();
    const showing = unplugFalco({ plane, namespaces, silence, signal, say, print });
    await Promise.race([showing, operator.death, sensing]);
  }
  const watching = monitoring ? await watch(metrics, { signal, say, print }, started) : undefined;
  if (once) return;
  print(nextSteps({ plane, metrics, logFile: operator.logFile }));
  say('Everything keeps running. Ctrl-C stops it, and leaves nothing behind.');
  const ends = [untilAborted(signal), operator.death, sensing];
  await Promise.race(watching === undefined ? ends : [...ends, watching.death]);
}

/** Starts what watches the operator, and prints the first alert that it sends. */
async function watch(
  metrics: string,
  { signal, say, print }: Pick<DemoOptions, 'signal' | 'say' | 'print'>,
  started: Stoppable[],
): Promise<DemoMonitoring> {
  say('Starting a Prometheus with the rules of config/monitoring, and an Alertmanager.');
  const watching = new DemoMonitoring(say);
  started.push(watching);
  await watching.start(metrics);
  print(await watching.show(signal));
  return watching;
}

const nodesOf = async (plane: ControlPlane): Promise<readonly string[]> =>
  (await list(plane, '/api/v1/nodes')).map(({ metadata }) => metadata.name);

async function install(plane: ControlPlane): Promise<void> {
  await applyKinds(plane, ['-f', inRoot('crds')]);
  await apply(plane, ['-f', inRoot('config', 'manager', 'namespace.yaml')]);
  await apply(plane, ['-k', inRoot('config', 'rbac')]);
}

/** With them, what a cluster with Trivy Operator has: its kinds, its namespace and its settings, which we may read. */
async function applyExamples(plane: ControlPlane): Promise<void> {
  await applyKinds(plane, ['-f', inExamples('trivy', 'crds.yaml')]);
  await kubectl(plane, ['create', 'namespace', scannerNamespace]);
  await apply(plane, ['-f', inExamples('trivy', 'settings.yaml')]);
  await apply(plane, ['-k', inRoot('config', 'trivy')]);
  const files = [
    inExamples('profile.yaml'),
    inExamples('storage.yaml'),
    inExamples('logging.yaml'),
    inExamples('falco', 'sensor.yaml'),
    ...namespaces.map((name) => inExamples(name)),
  ];
  await apply(
    plane,
    files.flatMap((file) => ['-f', file]),
  );
}

/** Of the profile that the examples bring. */
async function setParameters(plane: ControlPlane, parameters: object): Promise<void> {
  const patch = JSON.stringify({ spec: { parameters } });
  await kubectl(plane, ['patch', 'complianceprofile', 'reference-design', '--type=merge', '-p', patch]);
}

/** Keeps the process alive, which the processes that it started do not. */
async function untilAborted(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await sleep(systemClock, 2 ** 30, signal);
}
