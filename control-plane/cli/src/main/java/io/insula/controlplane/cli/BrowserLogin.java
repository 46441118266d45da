package io.insula.controlplane.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.insula.controlplane.cli.IssuerClient.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Somebody logs in with a browser on this machine, which comes back to a port of this command's on loopback. A
/// code that others catch is worth nothing to them: the proof of whom it is for stays here. Source: RFC 7636
/// (PKCE), RFC 8252 (native apps), OpenID Connect Core 1.0, section 3.1.
///
/// @param browser a command that opens pages; empty for none
/// @param port 0 for any free one
record BrowserLogin(IssuerClient issuer, String browser, int port) {

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String PATH = "/callback";

    /// @throws CommandException when nobody has logged in within five minutes, or the issuer refuses
    LoginTokens run() {
        String state = random();
        String nonce = random();
        String verifier = random();
        var come = new CompletableFuture<Map<String, String>>();
        HttpServer listener = listen(state, come);
        try {
            String back = "http://127.0.0.1:" + listener.getAddress().getPort() + PATH;
            open(page(back, state, nonce, verifier));
            String code = code(come);
            Answer answer = issuer.post(
                    "token_endpoint",
                    Map.of(
                            "grant_type", "authorization_code",
                            "code", code,
                            "redirect_uri", back,
                            "client_id", issuer.login().clientId(),
                            "code_verifier", verifier));
            if (!answer.error().isEmpty()) {
                throw new CommandException("the issuer does not take its own code: " + answer.error());
            }
            var tokens = LoginTokens.of(answer.body(), "");
            if (!tokens.nonce().equals(nonce)) {
                throw new CommandException("the issuer's token is of another login: it has not the nonce of this one");
            }
            return tokens;
        } finally {
            listener.stop(1);
        }
    }

    private String page(String back, String state, String nonce, String verifier) {
        var asked = new LinkedHashMap<String, String>();
        asked.put("response_type", "code");
        asked.put("client_id", issuer.login().clientId());
        asked.put("redirect_uri", back);
        asked.put("scope", String.join(" ", DeviceLogin.scopes(issuer.login())));
        asked.put("state", state);
        asked.put("nonce", nonce);
        asked.put("code_challenge", challenge(verifier));
        asked.put("code_challenge_method", "S256");
        String place = issuer.endpoint("authorization_endpoint");
        return place + (place.contains("?") ? "&" : "?") + IssuerClient.encoded(asked);
    }

    private void open(String page) {
        System.err.println("Log in at\n\n  " + page + "\n");
        if (browser.isEmpty()) {
            return;
        }
        var command = new ArrayList<>(List.of(browser.split(" ", -1)));
        command.add(page);
        try {
            var _ = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            System.err.println("insula: " + browser + " does not open it (" + e.getMessage() + ")");
        }
    }

    private static String code(CompletableFuture<Map<String, String>> come) {
        try {
            Map<String, String> given = come.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (given.containsKey("error") || !given.containsKey("code")) {
                throw new CommandException("the issuer refuses: " + given.getOrDefault("error", "no code") + " "
                        + given.getOrDefault("error_description", ""));
            }
            return given.getOrDefault("code", "");
        } catch (TimeoutException e) {
            throw new CommandException(
                    "nobody has logged in within " + PATIENCE.toMinutes() + " minutes; where no browser can reach this"
                            + " machine, there is --device",
                    e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    private HttpServer listen(String state, CompletableFuture<Map<String, String>> come) {
        try {
            var listener = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            listener.createContext(PATH, exchange -> comeBack(exchange, state, come));
            listener.start();
            return listener;
        } catch (IOException e) {
            throw new CommandException("--callback-port: cannot listen at " + port + " on loopback: " + e, e);
        }
    }

    /// What has not our state is somebody else's, and ends nothing.
    private static void comeBack(HttpExchange exchange, String state, CompletableFuture<Map<String, String>> come)
            throws IOException {
        Map<String, String> given = pairs(exchange.getRequestURI().getRawQuery());
        boolean ours = MessageDigest.isEqual(
                state.getBytes(StandardCharsets.UTF_8),
                given.getOrDefault("state", "").getBytes(StandardCharsets.UTF_8));
        byte[] said = (ours ? "Logged in; you may close this page.\n" : "This is of no login that is under way.\n")
                .getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().add("Content-Type", "text/plain; charset=utf-8");
            exchange.sendResponseHeaders(ours ? 200 : 400, said.length);
            exchange.getResponseBody().write(said);
        }
        if (ours) {
            come.complete(given);
        }
    }

    private static Map<String, String> pairs(String query) {
        var all = new LinkedHashMap<String, String>();
        for (String pair : String.valueOf(query).split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                all.put(
                        pair.substring(0, equals),
                        URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return all;
    }

    private static String random() {
        var bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String challenge(String verifier) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("no SHA-256", e);
        }
    }
}
