package io.insula.tenantapi.cel.library;

import java.util.Map;

/// Who an expression may ask about: the value of the variable `authorizer`. Immutable.
///
/// @param user the user whose rights are asked for
/// @param port asks the server
public record Authorization(Subject user, Port port) {

    /// A user as expressions name one.
    public sealed interface Subject {
        /// The one whose request is being admitted.
        record Caller() implements Subject {}

        record ServiceAccount(String namespace, String name) implements Subject {}
    }

    /// What an expression asks. For a path the resource fields are empty, and the other way round.
    ///
    /// @param selectors the fieldSelector and labelSelector, where given
    public record Question(
            Subject user,
            String verb,
            String path,
            String group,
            String resource,
            String subresource,
            String namespace,
            String name,
            Map<String, String> selectors) {
        public Question {
            selectors = Map.copyOf(selectors);
        }
    }

    /// @param error what went wrong; empty when nothing did
    public record Decision(boolean allowed, String reason, String error) {}

    /// Answers from the tenant's own authorizer.
    @FunctionalInterface
    public interface Port {
        Decision ask(Question question);
    }

    /// `authorizer.path(…)`
    public record PathCheck(Authorization of, String path) {
        Decision check(String verb) {
            return of.port.ask(new Question(of.user, verb, path, "", "", "", "", "", Map.of()));
        }
    }

    /// `authorizer.group(…)`
    public record GroupCheck(Authorization of, String group) {}

    /// `authorizer.group(…).resource(…)`; also the value of `authorizer.requestResource`.
    public record ResourceCheck(
            Authorization of,
            String group,
            String resource,
            String subresource,
            String namespace,
            String name,
            Map<String, String> selectors) {
        public ResourceCheck {
            selectors = Map.copyOf(selectors);
        }

        Decision check(String verb) {
            return of.port.ask(
                    new Question(of.user, verb, "", group, resource, subresource, namespace, name, selectors));
        }
    }
}
