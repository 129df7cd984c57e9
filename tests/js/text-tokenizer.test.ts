/** Token ids are those of the reference tokenizer; files that are none are refused. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { ErrorCode } from '../../js/base/errors.js';
import { TextTokenizer } from '../../js/modules/text-tokenizer.js';

interface Fixture {
  tokenizer: object;
  cases: [text: string, ids: number[]][];
}

// Made by models/export/fixture_tokens.py with Hugging Face's own library.
const fixture = JSON.parse(
  readFileSync(new URL('../fixtures/text/clip-tokens.json', import.meta.url), 'utf8'),
) as Fixture;

/** The library finds special tokens in any spelling once a text is in lower case; the reference looks before. */
const KNOWN_DIFFERENCES = ['<|ENDOFTEXT|>'];

const START = 49406;
const END = 49407;
const load = (source: unknown) => TextTokenizer.load(source as string);

describe("CLIP's tokenizer", () => {
  test('gives the ids of the reference for texts of all kinds', async () => {
    const tokenizer = await load(fixture.tokenizer);
    const wrong = fixture.cases.filter(
      ([text, ids]) => tokenizer.encode(text, Infinity).join() !== ids.join(),
    );
    expect(fixture.cases.length).toBeGreaterThanOrEqual(500);
    expect(wrong.map(([text]) => text)).toEqual(KNOWN_DIFFERENCES);
  });

  test('keeps the tokens around a text that is too long', async () => {
    const tokenizer = await load(fixture.tokenizer);
    const long = fixture.cases.filter(([, ids]) => ids.length > 77);
    expect(long.length).toBeGreaterThan(5);
    for (const [text, ids] of long) {
      const cut = tokenizer.encode(text, 77);
      expect(cut).toEqual([...ids.slice(0, 76), END]);
      expect(cut[0]).toBe(START);
    }
  });

  test('texts that just fit stay whole, the empty text is two tokens', async () => {
    const tokenizer = await load(fixture.tokenizer);
    expect(tokenizer.encode('', 77)).toEqual([START, END]);
    const [text, ids] = fixture.cases.find(([, ids]) => ids.length === 9)!;
    expect(tokenizer.encode(text, 9)).toEqual(ids);
    expect(tokenizer.encode(text, 8)).toHaveLength(8);
  });

  test("a tokenizer.json's own limit counts", async () => {
    const tokenizer = await load({ ...fixture.tokenizer, truncation: { max_length: 5 } });
    expect(tokenizer.encode('a photo of a very big cat', 77)).toHaveLength(5);
  });
});

describe('sources', () => {
  const text = JSON.stringify(fixture.tokenizer);
  const sources: [string, unknown][] = [
    ['an object', fixture.tokenizer],
    ['bytes', new TextEncoder().encode(text)],
    ['a Blob', new Blob([text])],
    ['a data: address', `data:application/json,${encodeURIComponent(text)}`],
  ];

  test.each(sources)('%s', async (_, source) => {
    expect((await load(source)).encode('cat', 77)).toHaveLength(3);
  });

  const bad: [string, unknown, RegExp][] = [
    ['a web page', new Blob(['<!doctype html>']), /it is no JSON/],
    ['other JSON', new Blob(['{"a": 1}']), /has no 'model'/],
    ['null', new Blob(['null']), /has no 'model'/],
    ['an unknown kind', { ...fixture.tokenizer, model: { type: 'Nonsense' } }, /cannot be used/],
    ['nothing', new Blob([]), /it is no JSON/],
  ];

  test.each(bad)('%s is refused with TokenizerError', async (_, source, message) => {
    await expect(load(source)).rejects.toMatchObject({
      code: ErrorCode.TokenizerError,
      message: expect.stringMatching(message) as unknown,
    });
  });

  test('an aborted load stops', async () => {
    const load = TextTokenizer.load(fixture.tokenizer as never, AbortSignal.abort());
    await expect(load).rejects.toMatchObject({ code: ErrorCode.Aborted });
  });
});
