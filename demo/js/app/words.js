/** Texts as vectors beside those of pictures: the text encoder that goes with an image encoder. */
import { TextEmbeddingsModule, configure } from '../../dist/web-core.js';
import { settings } from './settings.js';

export class Words {
  #module;
  /** The `text` of the entry whose encoder is loaded. */
  #loaded;

  /** The vector of a text. @param text `text` of an entry of the catalogue: {model, tokenizer}. */
  async embed(text, words, onProgress) {
    if (this.#loaded !== text) await this.#load(text, onProgress);
    return this.#module.forward(words);
  }

  async #load(text, onProgress) {
    this.dispose();
    configure(settings.forModel(text));
    const module = new TextEmbeddingsModule();
    await module.load({ modelSource: text.model, tokenizerSource: text.tokenizer }, onProgress);
    [this.#module, this.#loaded] = [module, text];
  }

  dispose() {
    this.#module?.delete();
    [this.#module, this.#loaded] = [undefined, undefined];
  }
}
