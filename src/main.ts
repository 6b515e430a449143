#!/usr/bin/env -S node --min-semi-space-size=4 --max-semi-space-size=8
// A scan makes much that is short-lived: left to itself the young generation begins too small and grows by 60 MB (docs/performance.md).
import { main } from './cli/main.ts';

process.exit(await main(process.argv.slice(2)));
