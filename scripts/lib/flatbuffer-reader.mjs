// A reader of FlatBuffers that are trusted: fields by slot, without a schema and without checks.

/** A table. Fields that are absent read as 0, '' or []. */
export class Table {
  #view;
  #at;
  #vtable;

  constructor(view, at) {
    this.#view = view;
    this.#at = at;
    this.#vtable = at - view.getInt32(at, true);
  }

  /** The root table of a whole buffer. */
  static root(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return new Table(view, view.getUint32(0, true));
  }

  #field(slot) {
    const entry = 4 + 2 * slot;
    if (entry >= this.#view.getUint16(this.#vtable, true)) return 0;
    const offset = this.#view.getUint16(this.#vtable + entry, true);
    return offset && this.#at + offset;
  }

  #target(at) {
    return at + this.#view.getUint32(at, true);
  }

  #scalar(slot, read) {
    const at = this.#field(slot);
    return at ? read(this.#view, at) : 0;
  }

  u8 = (slot) => this.#scalar(slot, (view, at) => view.getUint8(at));
  i16 = (slot) => this.#scalar(slot, (view, at) => view.getInt16(at, true));
  i32 = (slot) => this.#scalar(slot, (view, at) => view.getInt32(at, true));
  u32 = (slot) => this.#scalar(slot, (view, at) => view.getUint32(at, true));
  f32 = (slot) => this.#scalar(slot, (view, at) => view.getFloat32(at, true));
  /** Sizes and offsets: exact below 2^53. */
  u64 = (slot) => this.#scalar(slot, (view, at) => Number(view.getBigUint64(at, true)));

  table(slot) {
    const at = this.#field(slot);
    return at ? new Table(this.#view, this.#target(at)) : undefined;
  }

  #items(slot, size, read) {
    const field = this.#field(slot);
    if (!field) return [];
    const at = this.#target(field);
    return Array.from({ length: this.#view.getUint32(at, true) }, (_, i) =>
      read(at + 4 + size * i),
    );
  }

  tables = (slot) => this.#items(slot, 4, (at) => new Table(this.#view, this.#target(at)));
  u32s = (slot) => this.#items(slot, 4, (at) => this.#view.getUint32(at, true));
  u64s = (slot) => this.#items(slot, 8, (at) => Number(this.#view.getBigUint64(at, true)));

  string(slot) {
    const characters = this.#items(slot, 1, (at) => this.#view.getUint8(at));
    return new TextDecoder().decode(Uint8Array.from(characters));
  }
}
