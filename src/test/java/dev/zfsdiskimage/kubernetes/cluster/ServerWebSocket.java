package dev.zfsdiskimage.kubernetes.cluster;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;

/** The server's side of a web socket (RFC 6455) that carries bytes in binary messages. */
final class ServerWebSocket extends OutputStream {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int FINAL = 0x80;
  private static final int MASKED = 0x80;
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;

  private final DataInputStream in;
  private final OutputStream out;

  private ServerWebSocket(InputStream in, OutputStream out) {
    this.in = new DataInputStream(in);
    this.out = out;
  }

  /**
   * Agrees to a client's handshake.
   *
   * @param key what the client sent as Sec-WebSocket-Key
   * @param in what comes behind the request's head
   */
  static ServerWebSocket accept(String key, String subprotocol, InputStream in, OutputStream out)
      throws IOException {
    String head =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: %s\r\n\r\n"
                .formatted(answer(key), subprotocol);
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    out.flush();
    return new ServerWebSocket(in, out);
  }

  private static String answer(String key) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      return Base64.getEncoder()
          .encodeToString(sha1.digest((key + GUID).getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The next message; empty once the client has closed. */
  Optional<byte[]> receive() throws IOException {
    while (true) {
      int opcode = in.readUnsignedByte() & 0x0f;
      byte[] payload = payload();
      switch (opcode) {
        case CLOSE -> {
          frame(CLOSE, payload, 0, payload.length);
          return Optional.empty();
        }
        case PING -> frame(PONG, payload, 0, payload.length);
        case PONG -> {}
        default -> {
          return Optional.of(payload);
        }
      }
    }
  }

  private byte[] payload() throws IOException {
    int second = in.readUnsignedByte();
    long length = second & ~MASKED;
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = in.readLong();
    }
    if ((second & MASKED) == 0) {
      throw new IOException("a client must mask what it sends");
    }
    byte[] mask = in.readNBytes(4);
    byte[] payload = in.readNBytes(Math.toIntExact(length));
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= mask[i % 4];
    }
    return payload;
  }

  @Override
  public void write(int single) throws IOException {
    write(new byte[] {(byte) single}, 0, 1);
  }

  /** Sends one message. */
  @Override
  public void write(byte[] bytes, int offset, int count) throws IOException {
    if (count > 0) {
      frame(BINARY, bytes, offset, count);
    }
  }

  private synchronized void frame(int opcode, byte[] bytes, int offset, int count)
      throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(10 + count);
    frame.put((byte) (FINAL | opcode));
    if (count < 126) {
      frame.put((byte) count);
    } else if (count < 1 << 16) {
      frame.put((byte) 126).putShort((short) count);
    } else {
      frame.put((byte) 127).putLong(count);
    }
    frame.put(bytes, offset, count);
    out.write(frame.array(), 0, frame.position());
    out.flush();
  }
}
