package io.insula.tenantapi.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.tunnel.Endings;
import io.insula.tenantapi.tunnel.Tunnel;
import io.insula.tenantapi.tunnel.WebSocketMessages;
import io.insula.tenantapi.tunnel.WebSocketTunnel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WebSocketMessagesTest {

    private static final int FIN = 0x80;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @Test
    void putsPartsTogetherAndAnswersPings() throws IOException {
        var messages = messages(
                frame(2, "some"), frame(FIN | 9, "ping"), frame(0, " wo"), frame(FIN, "rds"), frame(FIN | 8, ""));

        assertThat(text(messages.next())).isEqualTo("some words");
        assertThat(messages.next()).isEmpty();
        // a pong with the ping's words, then the close
        assertThat(said.toByteArray())
                .startsWith(FIN | 10, 4, 'p', 'i', 'n', 'g')
                .contains(FIN | 8, 2, 1000 >> 8);
    }

    @Test
    void writesLengthsOfAllSizes() throws IOException {
        var messages = messages();
        for (int length : new int[] {5, 200, 70_000}) {
            said.reset();
            messages.send(new byte[length], 0, length);
            int head = length < 126 ? 2 : length < 65536 ? 4 : 10;
            assertThat(said.size()).isEqualTo(head + length);
            assertThat(said.toByteArray()[1]).isEqualTo((byte) (head == 2 ? length : head == 4 ? 126 : 127));
        }
    }

    @Test
    void agreesAsTheStandardsExampleDoes() {
        assertThat(WebSocketMessages.agreement("dGhlIHNhbXBsZSBub25jZQ==", "chat"))
                .containsEntry("Sec-WebSocket-Accept", java.util.List.of("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    }

    @Test
    void refusesWhatBreaksTheProtocolAndSaysSo() {
        assertBroken(1002, new byte[] {(byte) (FIN | 2), 1, 'x'});
        assertBroken(1002, frame(FIN | 0x40 | 2, "x"));
        assertBroken(1002, frame(FIN | 5, "x"));
        assertBroken(1002, frame(FIN, "goes on with nothing"));
        assertBroken(1002, frame(2, "begins"), frame(FIN | 2, "begins again"));
        assertBroken(1002, frame(9, "a ping in parts"));
        assertBroken(
                1009,
                ByteBuffer.allocate(10)
                        .put((byte) (FIN | 2))
                        .put((byte) 0xff)
                        .putLong(1L << 40)
                        .array());
        assertBroken(
                1009,
                ByteBuffer.allocate(10)
                        .put((byte) (FIN | 2))
                        .put((byte) 0xff)
                        .putLong(-1)
                        .array());
    }

    /// Parts that are each short, without end.
    @Test
    void aMessageThatGrowsWithoutEndIsCut() {
        byte[] part = frame(0, "x".repeat(1024 * 1024));
        assertBroken(1009, frame(2, "x"), part, part, part, part, part);
    }

    @Test
    void aTunnelJoinsMessages() throws IOException {
        try (var tunnel = new WebSocketTunnel(tunnel(frame(FIN | 2, "so"), frame(FIN | 2, ""), frame(FIN | 2, "me")))) {
            assertThat(tunnel.in().readAllBytes()).isEqualTo("some".getBytes(StandardCharsets.UTF_8));
            tunnel.out().write("answer".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(said.toByteArray()).startsWith(FIN | 2, 6, 'a');
    }

    private void assertBroken(int code, byte[]... frames) {
        said.reset();
        var messages = messages(frames);
        assertThatThrownBy(messages::next).isInstanceOf(IOException.class).hasMessageStartingWith("the client sent ");
        assertThat(said.toByteArray()).endsWith(FIN | 8, 2, code >> 8, code & 0xff);
    }

    private static String text(Optional<byte[]> message) {
        return new String(message.orElseThrow(), StandardCharsets.UTF_8);
    }

    private WebSocketMessages messages(byte[]... frames) {
        return new WebSocketMessages(tunnel(frames));
    }

    private Tunnel tunnel(byte[]... frames) {
        var all = new ByteArrayOutputStream();
        for (byte[] frame : frames) {
            all.writeBytes(frame);
        }
        var in = new ByteArrayInputStream(all.toByteArray());
        return new Tunnel() {
            @Override
            public InputStream in() {
                return in;
            }

            @Override
            public OutputStream out() {
                return said;
            }

            @Override
            public void onClose(Runnable action) {
                new Endings().add(action);
            }

            @Override
            public void close() {
                // nothing is held
            }
        };
    }

    /// As a client sends it: masked.
    private static byte[] frame(int first, String text) {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        var frame = ByteBuffer.allocate(14 + payload.length).put((byte) first);
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else {
            frame.put((byte) 0xff).putLong(payload.length);
        }
        byte[] mask = {1, 2, 3, 4};
        frame.put(mask);
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (payload[i] ^ mask[i & 3]));
        }
        return java.util.Arrays.copyOf(frame.array(), frame.position());
    }
}
