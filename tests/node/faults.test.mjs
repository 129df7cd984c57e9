// Faults of servers and stores, with the files that Node keeps: every scenario.
import { faultMatrix } from '../lib/fault-matrix.mjs';
import { filesStore } from '../lib/fault-stores.mjs';

faultMatrix('files', filesStore, { isWhole: true });
