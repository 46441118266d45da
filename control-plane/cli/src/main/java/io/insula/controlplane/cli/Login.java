package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.controlplane.cli.IssuerClient.Answer;
import io.insula.controlplane.home.Home;
import io.insula.tenantapi.api.Json;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Somebody who logs in at an issuer, and what they get by that. Confined to one command.
final class Login {

    /// So much a certificate must still be good for.
    private static final Duration MARGIN = Duration.ofMinutes(1);

    private final Home home;
    private final LoginFile file;
    private final KeptLogin kept;
    private Optional<LoginTokens> known = Optional.empty();

    Login(Home home, LoginFile file, boolean keeps) {
        this.home = home;
        this.file = file;
        this.kept = KeptLogin.of(home, file, keeps);
    }

    LoginFile file() {
        return file;
    }

    void forget() {
        kept.forget();
    }

    /// A person logs in now; nothing of an earlier login is left.
    ///
    /// @param way by which
    void begin(Function<IssuerClient, LoginTokens> way) {
        try (var issuer = new IssuerClient(file)) {
            LoginTokens tokens = way.apply(issuer);
            var _ = kept.alone(() -> {
                kept.forget();
                kept.keep(tokens);
                return tokens;
            });
            known = Optional.of(tokens);
        }
    }

    /// Whether there is a token that is good, or can be had without a person.
    boolean isUsable() {
        return usable().isPresent();
    }

    /// A token that is good now.
    ///
    /// @throws CommandException when somebody has to log in first
    String token() {
        return usable().map(LoginTokens::idToken)
                .orElseThrow(() -> new CommandException(
                        "nobody is logged in: type `" + home.command("login") + " --login " + file.path() + "`"));
    }

    /// What there is for a tenant: as the admin API has answered, now or a short while ago.
    ///
    /// @param seconds how long a new certificate is to be good for; empty for the usual time
    JsonNode credential(String tenant, Optional<Long> seconds) {
        return kept.credential(tenant).filter(Login::isAlive).orElseGet(() -> {
            var request = Json.object();
            seconds.ifPresent(life -> request.put("expirationSeconds", life.longValue()));
            try (var admin = AdminClient.connect(this)) {
                JsonNode answer = admin.post("/v1/tenants/" + tenant + "/login", request);
                kept.keep(tenant, answer);
                return answer;
            }
        });
    }

    private static boolean isAlive(JsonNode answer) {
        try {
            return Instant.parse(answer.path("expirationTimestamp").asText())
                    .isAfter(Instant.now().plus(MARGIN));
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private Optional<LoginTokens> usable() {
        Instant now = Instant.now();
        if (known.filter(tokens -> tokens.isAlive(now)).isEmpty()) {
            Optional<LoginTokens> before = known;
            known = kept.alone(() -> kept.tokens().or(() -> before).flatMap(this::renewed));
        }
        return known;
    }

    /// The same where it is good still; empty where it is not and no other is to be had.
    private Optional<LoginTokens> renewed(LoginTokens tokens) {
        if (tokens.isAlive(Instant.now())) {
            return Optional.of(tokens);
        }
        if (tokens.refresher().isEmpty()) {
            return Optional.empty();
        }
        try (var issuer = new IssuerClient(file)) {
            Answer answer = issuer.post(
                    "token_endpoint",
                    Map.of(
                            "grant_type", "refresh_token",
                            "refresh_token", tokens.refresher(),
                            "client_id", file.clientId()));
            if (!answer.error().isEmpty() || !answer.body().has("id_token")) {
                return Optional.empty();
            }
            var next = LoginTokens.of(answer.body(), tokens.refresher());
            kept.keep(next);
            return Optional.of(next);
        }
    }
}
