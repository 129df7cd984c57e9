/** @jest-environment node */
import { expect, test } from '@jest/globals';
import { StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { useModule } from '../../js/hooks/useModule.js';
import { FakeModule, fakePool, grace } from './fake-module.js';

test('on a server hooks render the idle state and load nothing', async () => {
  const pool = fakePool();
  function Page() {
    const { error, isReady, isGenerating, downloadProgress } = useModule(pool, {
      modelSource: 'a',
    });
    return <p>{[error ?? 'none', isReady, isGenerating, downloadProgress].join()}</p>;
  }
  const html = renderToString(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
  expect(html).toBe('<p>none,false,false,0</p>');
  await grace();
  expect(FakeModule.all).toHaveLength(0);
  expect(pool.size).toBe(0);
});
