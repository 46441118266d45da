package io.insula.tenantapi.registry;

import io.insula.tenantapi.auth.UserInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/// On whose behalf the engine works.
///
/// @param agent the client's `User-Agent`: its part before the first `/` is the field manager of last resort
/// @param warnings texts for `Warning` headers; the engine adds to it
/// @param requireCreate runs before an update or patch creates a missing object; throws a 403 unless the user may
/// @param annotate takes annotations of the audit event, by key and value
public record Caller(
        UserInfo user,
        String agent,
        List<String> warnings,
        Runnable requireCreate,
        BiConsumer<String, String> annotate) {

    /// A caller whose audit annotations nobody wants.
    public Caller(UserInfo user, String agent, List<String> warnings, Runnable requireCreate) {
        this(user, agent, warnings, requireCreate, (key, value) -> {});
    }

    /// The longest name of a field manager, in characters.
    static final int MAX_MANAGER = 128;

    /// A caller who may create whatever they may update.
    public static Caller of(UserInfo user, String agent) {
        return new Caller(user, agent, new ArrayList<>(), () -> {});
    }

    /// The field manager: the asked one, else the agent's name. Source: kubernetes/apiserver, `managerOrUserAgent`.
    String manager(String asked) {
        if (!asked.isEmpty()) {
            return asked;
        }
        int slash = agent.indexOf('/');
        var name = new StringBuilder();
        (slash < 0 ? agent : agent.substring(0, slash))
                .codePoints()
                .filter(c -> !Character.isISOControl(c))
                .limit(MAX_MANAGER)
                .forEach(name::appendCodePoint);
        return name.toString();
    }
}
