// A small AMI client for the test's own side: the dialer that places calls, and the recorder of fixtures.
import net from 'node:net';

export class Ami {
  #socket; #buffer = ''; #waiting = new Map(); #next = 1; #onText; #onEvent;

  /**
   * Connects and logs in; `events` is what the login asks for, `onText` gets every byte as it came, `onEvent` each
   * event as an object (of repeated keys the last).
   */
  static async connect({ port, user, secret = 'only-on-loopback', events = 'off', onText, onEvent }) {
    const ami = new Ami();
    ami.#onText = onText;
    ami.#onEvent = onEvent;
    ami.#socket = net.connect({ host: '127.0.0.1', port });
    ami.#socket.setEncoding('utf8');
    await new Promise((resolve, reject) => ami.#socket.once('connect', resolve).once('error', reject));
    ami.#socket.on('data', (text) => ami.#read(text));
    ami.#socket.on('error', () => {});
    ami.#socket.on('close', () => {
      for (const { reject } of ami.#waiting.values()) reject(new Error('AMI connection closed'));
      ami.#waiting.clear();
    });
    await ami.action({ Action: 'Login', Username: user, Secret: secret, Events: events });
    return ami;
  }

  #read(text) {
    this.#onText?.(text);
    this.#buffer += text;
    for (let end; (end = this.#buffer.indexOf('\r\n\r\n')) >= 0;) {
      const lines = this.#buffer.slice(0, end).split('\r\n');
      this.#buffer = this.#buffer.slice(end + 4);
      const message = Object.fromEntries(lines.filter((l) => l.includes(': ')).map((l) => [l.slice(0, l.indexOf(':')), l.slice(l.indexOf(':') + 2)]));
      if (message.Event) this.#onEvent?.(message);
      const waiter = message.Response && this.#waiting.get(message.ActionID);
      if (!waiter) continue;
      this.#waiting.delete(message.ActionID);
      if (message.Response === 'Error') waiter.reject(new Error(`${waiter.name}: ${message.Message}`));
      else waiter.resolve(message);
    }
  }

  /** Sends one action; fields with an array value are repeated. Resolves with its response. */
  action(fields) {
    const id = `t-${this.#next++}`;
    const lines = Object.entries({ ...fields, ActionID: id }).flatMap(([k, v]) => [v].flat().map((one) => `${k}: ${one}`));
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, name: fields.Action });
      this.#socket.write(lines.join('\r\n') + '\r\n\r\n');
    });
  }

  close() { this.#socket.destroy(); }
}
