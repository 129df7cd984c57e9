/** A store that lasts as long as the thread. */
import {
  expectBefore,
  expectWhole,
  isLive,
  isRecord,
  type Lease,
  type ModelRecord,
  type ModelStore,
  type RecordNotes,
} from './types.js';

export class MemoryStore implements ModelStore {
  readonly kind = 'memory';
  private readonly records = new Map<string, ModelRecord>();
  private readonly chunks = new Map<string, Uint8Array[]>();
  private readonly leases = new Map<string, Lease>();

  async get(key: string): Promise<ModelRecord | undefined> {
    const record = this.records.get(key);
    return isRecord(record) ? structuredClone(record) : undefined;
  }

  async list(): Promise<ModelRecord[]> {
    return [...this.records.values()].filter(isRecord).map((record) => structuredClone(record));
  }

  async append(record: ModelRecord, index: number, bytes: Uint8Array): Promise<void> {
    const old = this.records.get(record.key);
    expectBefore(old, record, index);
    if (old && old.id !== record.id) this.chunks.delete(old.id);
    this.write(record, index, bytes);
    this.records.set(record.key, structuredClone(record));
  }

  async commit(record: ModelRecord): Promise<void> {
    expectWhole(this.records.get(record.key), record);
    this.records.set(record.key, structuredClone(record));
  }

  async repair(record: ModelRecord, index: number, bytes: Uint8Array): Promise<void> {
    if (this.records.get(record.key)?.id === record.id) this.write(record, index, bytes);
  }

  async read({ id }: ModelRecord, index: number): Promise<Uint8Array | undefined> {
    return this.chunks.get(id)?.[index];
  }

  async note(key: string, notes: RecordNotes): Promise<void> {
    const record = this.records.get(key);
    if (record) Object.assign(record, notes);
  }

  async promote(from: string, to: string): Promise<void> {
    const record = this.records.get(from);
    if (record?.state !== 'complete') return;
    await this.remove(to);
    this.records.set(to, { ...record, key: to });
    this.records.delete(from);
  }

  async remove(key: string): Promise<void> {
    const record = this.records.get(key);
    if (record) this.chunks.delete(record.id);
    this.records.delete(key);
  }

  async claim(name: string, owner: string, until: number): Promise<boolean> {
    const lease = this.leases.get(name);
    if (isLive(lease) && lease.owner !== owner) return false;
    this.leases.set(name, { owner, until });
    return true;
  }

  async release(name: string, owner: string): Promise<void> {
    if (this.leases.get(name)?.owner === owner) this.leases.delete(name);
  }

  async sweep(): Promise<void> {
    const ids = new Set([...this.records.values()].map(({ id }) => id));
    for (const id of this.chunks.keys()) if (!ids.has(id)) this.chunks.delete(id);
  }

  close(): void {}

  private write({ id }: ModelRecord, index: number, bytes: Uint8Array): void {
    const list = this.chunks.get(id) ?? [];
    list[index] = bytes.slice();
    this.chunks.set(id, list);
  }
}
