// Apps of versions whose package is aliased to the legacy entry.
import V07 from './v07/App';
import V08 from './v08/App';
import V09 from './v09/App';

export const APPS = { v07: V07, v08: V08, v09: V09 };
