package io.insula.tenantapi.aggregation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.aggregation.RemoteCalls.Told;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.client.Behind;
import io.insula.tenantapi.egress.EgressException;
import io.insula.tenantapi.ports.ObjectClient.ObjectList;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.ports.ObjectClient.ResourceInfo;
import io.insula.tenantapi.webhook.WebhookFailure;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Lists and deletes objects that servers behind keep. Immutable; calls block for seconds at most, page by page.
///
/// @param remotes those that are known
record RemoteObjects(RemoteCalls calls, Supplier<List<RemoteService>> remotes) implements Behind {

    /// So that a page of large objects is no larger than an answer may be.
    private static final int PAGE = 100;

    /// Of one list: a server that always says that there is more is not asked for ever.
    private static final int PAGES = 1000;

    /// Characters of one list, for the same reason.
    private static final long KEPT = 32 * 1024 * 1024;

    @Override
    public List<ResourceInfo> resources() {
        var found = new LinkedHashMap<String, ResourceInfo>();
        remotes.get().stream()
                .sorted(Comparator.comparingInt(RemoteService::versionPriority)
                        .reversed()
                        .thenComparing(RemoteService::name))
                .forEach(remote -> remote.told().resources().path("resources").forEach(each -> {
                    String name = each.path("name").asText("");
                    if (!name.isEmpty() && !name.contains("/")) {
                        found.putIfAbsent(name + "." + remote.group(), info(remote, name, each));
                    }
                }));
        return List.copyOf(found.values());
    }

    private static ResourceInfo info(RemoteService remote, String name, JsonNode told) {
        Set<String> verbs =
                told.path("verbs").valueStream().map(verb -> verb.asText("")).collect(Collectors.toUnmodifiableSet());
        return new ResourceInfo(
                new GroupVersionResource(remote.group(), remote.version(), name),
                told.path("kind").asText(""),
                told.path("namespaced").asBoolean(),
                verbs);
    }

    @Override
    public ObjectList list(GroupVersionResource resource, String namespace, Query query, UserInfo user) {
        RemoteService remote = remote(resource);
        var items = new ArrayList<ObjectNode>();
        long kept = 0;
        String more = "";
        for (int page = 0; page < PAGES; page++) {
            String path = path(resource, namespace, "") + parameters(query, more);
            JsonNode list = answered(remote, () -> calls.get(remote, calls.resolve(remote), path, user, ""));
            for (JsonNode item : list.path("items")) {
                ObjectNode light = metadata(item);
                kept += light.toString().length();
                items.add(light);
            }
            if (kept > KEPT) {
                break;
            }
            more = list.path("metadata").path("continue").asText("");
            if (more.isEmpty()) {
                return new ObjectList(
                        list.path("metadata").path("resourceVersion").asText(""), List.copyOf(items));
            }
        }
        throw ApiException.unavailable(
                remote.name() + " does not come to the end of its list of " + resource.resource());
    }

    private static ObjectNode metadata(JsonNode item) {
        ObjectNode light = Json.object();
        if (item.path("metadata") instanceof ObjectNode metadata) {
            light.set("metadata", metadata.without(List.of("managedFields", "annotations")));
        }
        return light;
    }

    @Override
    public ObjectNode delete(
            GroupVersionResource resource, String namespace, String name, ObjectNode options, UserInfo user) {
        RemoteService remote = remote(resource);
        ObjectNode body = Json.object().put("kind", "DeleteOptions").put("apiVersion", "v1");
        body.setAll(options);
        return answered(
                remote,
                () -> calls.delete(
                        remote,
                        calls.resolve(remote),
                        path(resource, namespace, name),
                        user,
                        body.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private RemoteService remote(GroupVersionResource resource) {
        return remotes.get().stream()
                .filter(each ->
                        each.group().equals(resource.group()) && each.version().equals(resource.version()))
                .findFirst()
                .orElseThrow(ApiException::noSuchResource);
    }

    /// What a server told names parts of a path: none may lead elsewhere.
    private static String path(GroupVersionResource resource, String namespace, String name) {
        return "/apis/" + resource.group() + "/" + resource.version()
                + (namespace.isEmpty() ? "" : "/namespaces/" + part(namespace))
                + "/" + part(resource.resource())
                + (name.isEmpty() ? "" : "/" + part(name));
    }

    private static String part(String text) {
        if (text.equals(".") || text.equals("..")) {
            throw ApiException.badRequest("the request's path may not contain '.' or '..'");
        }
        return encoded(text);
    }

    private static String parameters(Query query, String more) {
        return "?limit=" + PAGE
                + (more.isEmpty() ? "" : "&continue=" + encoded(more))
                + (query.labelSelector().isEmpty() ? "" : "&labelSelector=" + encoded(query.labelSelector()))
                + (query.fieldSelector().isEmpty() ? "" : "&fieldSelector=" + encoded(query.fieldSelector()));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /// A call to a server behind.
    private interface Call {
        Told ask() throws EgressException, InterruptedException;
    }

    private static ObjectNode answered(RemoteService remote, Call call) {
        try {
            Told told = call.ask();
            ObjectNode body = Json.MAPPER.readTree(told.body()) instanceof ObjectNode object ? object : Json.object();
            if (told.status() / 100 == 2) {
                return body;
            }
            throw body.path("kind").asText().equals("Status")
                            && body.path("code").asInt() >= 400
                    ? ApiException.ofStatus(body)
                    : ApiException.unavailable(remote.name() + " answers " + told.status());
        } catch (WebhookFailure e) {
            throw ApiException.unavailable(remote.name() + ": " + e.text());
        } catch (EgressException e) {
            throw ApiException.unavailable(remote.name() + ": " + e.text());
        } catch (IOException e) {
            throw ApiException.unavailable(remote.name() + " answers what is no JSON");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ApiException.unavailable("apiserver is shutting down");
        }
    }
}
