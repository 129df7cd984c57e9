// A server component: the hook's component is rendered here first.
import { VERSION } from 'executorch-web/core';
import Photo from '../Photo.js';

export default function Page() {
  return (
    <main data-version={VERSION}>
      <Photo />
    </main>
  );
}
