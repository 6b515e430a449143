import type { Query } from './client.ts';
import { protobufType } from './protobuf.ts';
import { collectionPath, type Resource } from './resource.ts';
import type { Task } from './watch-machine.ts';

/** What of a resource is watched. */
export interface WatchScope {
  readonly resource: Resource;
  /** Only this namespace; default all. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Ask for PartialObjectMetadata: kind, apiVersion and metadata are all that a projection gets. */
  readonly metadataOnly?: boolean;
}

interface WatchRequest {
  readonly path: string;
  readonly query: Query;
  readonly accept: string;
}

/** @param random in [0, 1) @param protobuf is asked for, if the server has it */
export function streamRequest(scope: WatchScope, task: Task, random: number, protobuf = false): WatchRequest {
  // At random, so that the watches that start together do not end together for ever after. A list gets half an hour:
  // of one that the server ends half-way all has to be read anew, and a busy server needs minutes for 100,000 pods.
  const timeoutSeconds = (task.do === 'list' ? 1_800 : 240) + Math.floor(random * 51);
  const common = { ...selectors(scope), watch: true, allowWatchBookmarks: true, timeoutSeconds };
  // A list has no resourceVersion: it shall be at least as new as this moment. With one it could show what is long gone.
  const from =
    task.do === 'watch'
      ? { resourceVersion: task.resourceVersion }
      : { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' };
  return {
    path: pathOf(scope),
    query: { ...common, ...from },
    accept: (protobuf ? `${protobufType},` : '') + accept(scope, 'PartialObjectMetadata'),
  };
}

/** Of one page; which page is the caller's to add. */
export function pageRequest(scope: WatchScope): WatchRequest {
  return { path: pathOf(scope), query: selectors(scope), accept: accept(scope, 'PartialObjectMetadataList') };
}

function pathOf(scope: WatchScope): string {
  return collectionPath(scope.resource, scope.namespace);
}

function selectors({ labelSelector, fieldSelector }: WatchScope): Query {
  return { labelSelector, fieldSelector };
}

function accept(scope: WatchScope, as: string): string {
  const json = 'application/json';
  return scope.metadataOnly === true ? `${json};as=${as};v=v1;g=meta.k8s.io,${json}` : json;
}
