#!/usr/bin/env -S node --max-semi-space-size=4 --max-opt=2 --initial-old-space-size=96 --no-lazy-feedback-allocation
// A scan makes much that is short-lived: left to itself the young generation grows by 60 MB. The rest saves time in a run of
// a second (docs/performance.md).
import { main } from './cli/main.ts';

process.exit(await main(process.argv.slice(2)));
