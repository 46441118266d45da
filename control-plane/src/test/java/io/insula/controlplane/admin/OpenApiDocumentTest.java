package io.insula.controlplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Json;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class OpenApiDocumentTest {

    @Test
    void describesExactlyTheRoutes() throws IOException {
        assertThat(described()).isEqualTo(served());
    }

    private static Set<String> served() {
        var routes = new TreeSet<String>();
        for (Method method : AdminRoutes.class.getDeclaredMethods()) {
            if (method.isAnnotationPresent(Get.class)) {
                routes.add("get " + method.getAnnotation(Get.class).value() + " " + method.getName());
            } else if (method.isAnnotationPresent(Post.class)) {
                routes.add("post " + method.getAnnotation(Post.class).value() + " " + method.getName());
            } else if (method.isAnnotationPresent(Delete.class)) {
                routes.add("delete " + method.getAnnotation(Delete.class).value() + " " + method.getName());
            }
        }
        assertThat(routes).hasSizeGreaterThan(5);
        return routes;
    }

    private static Set<String> described() throws IOException {
        var routes = new TreeSet<String>();
        try (var stream = OpenApiDocumentTest.class.getResourceAsStream("/openapi.json")) {
            JsonNode document = Json.MAPPER.readTree(stream);
            document.path("paths")
                    .properties()
                    .forEach(path -> path.getValue().properties().stream()
                            .filter(operation -> !operation.getKey().equals("parameters"))
                            .forEach(operation -> routes.add(operation.getKey() + " " + path.getKey() + " "
                                    + operation.getValue().path("operationId").asText())));
        }
        return routes;
    }
}
