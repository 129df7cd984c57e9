/** News of downloads between the threads of an origin. */
import type { WireError } from '../base/errors.js';

/** What the downloading thread tells the others. */
export interface News {
  key: string;
  /** Bytes that have arrived; those in the store may be fewer. */
  arrived: number;
  size: number | undefined;
  /** Bytes in the store; a growing number tells readers that there is more to read. */
  stored: number;
  /** Set when the download has ended for good, with success or without. */
  end?: 'complete' | { error: WireError } | undefined;
}

export interface Channel {
  send(news: News): void;
  close(): void;
}

/** Where there is no BroadcastChannel nobody hears; readers look into the store from time to time anyway. */
export function openChannel(key: string, onNews: (news: News) => void): Channel {
  if (typeof BroadcastChannel !== 'function') return { send() {}, close() {} };
  const channel = new BroadcastChannel('executorch-web:downloads');
  // Node must not stay alive for news.
  (channel as unknown as { unref?: () => void }).unref?.();
  channel.onmessage = ({ data }: MessageEvent<News>) => {
    if (data?.key === key) onNews(data);
  };
  return {
    send: (news) => channel.postMessage(news),
    close: () => channel.close(),
  };
}
