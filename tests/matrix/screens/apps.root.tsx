// Apps of versions whose package is aliased to the root entry.
import V06 from './v06/App';
import V10Legacy from './v10-legacy/App';
import V10 from './v10/App';

export const APPS = { v06: V06, v10: V10, 'v10-legacy': V10Legacy };
