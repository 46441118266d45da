package io.insula.node.probe;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.insula.grpc.health.v1.HealthCheckRequest;
import io.insula.grpc.health.v1.HealthCheckResponse;
import io.insula.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.insula.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Servers on loopback that are probed: HTTP, HTTPS with a certificate that nobody should believe, gRPC.
public final class TestServers implements AutoCloseable {

    /// A request as it came.
    public record Heard(URI uri, Map<String, List<String>> headers) {}

    private final List<Heard> heard = new CopyOnWriteArrayList<>();
    private final Map<String, ServingStatus> services = new ConcurrentHashMap<>();
    private final Map<String, Integer> asked = new ConcurrentHashMap<>();
    private final HttpServer http;
    private final ServerSocket plain = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final HttpsServer https;
    private final Server grpc;

    public TestServers() throws Exception {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/", this::answer);
        http.start();
        Thread.ofVirtual().name("plain server").start(this::answerPlainly);
        https = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        https.setHttpsConfigurator(new HttpsConfigurator(context()));
        https.createContext("/", this::answer);
        https.start();
        grpc = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(new Health())
                .build()
                .start();
    }

    public int http() {
        return http.getAddress().getPort();
    }

    /// One that says so where it hears TLS, as Go's servers do.
    public int plain() {
        return plain.getLocalPort();
    }

    private void answerPlainly() {
        while (!plain.isClosed()) {
            try (Socket socket = plain.accept()) {
                socket.setSoTimeout(60_000);
                byte[] begin = new byte[4];
                if (socket.getInputStream().read(begin) == 4 && begin[0] == 'G') {
                    var rest = new Scanner(socket.getInputStream(), StandardCharsets.UTF_8).useDelimiter("[\r\n]");
                    heard.add(new Heard(URI.create(rest.next().split(" ", -1)[0]), Map.of()));
                    socket.getOutputStream().write("HTTP/1.1 500 Odd\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                } else {
                    socket.getOutputStream().write("HTTP/1.0 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                    socket.shutdownOutput();
                    socket.getInputStream().readAllBytes();
                }
            } catch (IOException e) {
                // who asked has gone, or the test is over
            }
        }
    }

    public int https() {
        return https.getAddress().getPort();
    }

    public int grpc() {
        return grpc.getPort();
    }

    /// What came by HTTP and HTTPS.
    public List<Heard> heard() {
        return List.copyOf(heard);
    }

    public void service(String name, ServingStatus status) {
        services.put(name, status);
    }

    /// How often the health of that service was asked for by gRPC.
    public int asked(String name) {
        return asked.getOrDefault(name, 0);
    }

    /// `/status/N` answers N, `/to?URL` leads there.
    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            URI uri = exchange.getRequestURI();
            heard.add(new Heard(uri, Map.copyOf(exchange.getRequestHeaders())));
            if (uri.getPath().equals("/to")) {
                exchange.getResponseHeaders().add("Location", uri.getRawQuery());
                exchange.sendResponseHeaders(302, -1);
            } else if (uri.getPath().startsWith("/status/")) {
                exchange.sendResponseHeaders(Integer.parseInt(uri.getPath().substring("/status/".length())), -1);
            } else {
                exchange.sendResponseHeaders(200, -1);
            }
        }
    }

    private final class Health extends HealthGrpc.HealthImplBase {

        @Override
        public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
            asked.merge(request.getService(), 1, Integer::sum);
            ServingStatus status = services.get(request.getService());
            if (status == null) {
                observer.onError(io.grpc.Status.NOT_FOUND
                        .withDescription("unknown service")
                        .asRuntimeException());
                return;
            }
            observer.onNext(HealthCheckResponse.newBuilder().setStatus(status).build());
            observer.onCompleted();
        }
    }

    /// Of another name, signed by itself, and long over.
    private static SSLContext context() throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        var keys = generator.generateKeyPair();
        var name = new X500Name("CN=somebody.example");
        Instant over = Instant.now().minus(Duration.ofDays(30));
        Certificate certificate = new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                name,
                                BigInteger.ONE,
                                Date.from(over.minus(Duration.ofDays(30))),
                                Date.from(over),
                                name,
                                keys.getPublic())
                        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("own", keys.getPrivate(), new char[0], new Certificate[] {certificate});
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, new char[0]);
        var context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    @Override
    public void close() {
        http.stop(0);
        try {
            plain.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        https.stop(0);
        grpc.shutdownNow();
    }
}
