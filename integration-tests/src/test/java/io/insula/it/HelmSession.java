package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// One release of Helm with a chart that brings its own definition, in a namespace of its own.
///
/// @param binary Helm
/// @param beside the kubectl release that it came with: charts and namespaces are named after it
/// @param kubectl of the same tenant, any release
record HelmSession(Path binary, String beside, Kubectl kubectl, Path folder) {

    private static final Duration PATIENCE = Duration.ofMinutes(4);

    void run() throws IOException {
        String chart = chart().toString();
        helm("install", "demo", chart, "--create-namespace", "--wait", "--timeout", "180s");
        assertThat(helm("list")).contains("demo", "deployed");
        assertThat(helm("status", "demo")).contains("STATUS: deployed");
        assertThat(greeting()).isEqualTo("hello");
        helm("upgrade", "demo", chart, "--set", "greeting=bye", "--wait", "--timeout", "180s");
        assertThat(greeting()).isEqualTo("bye");
        helm("rollback", "demo", "1", "--wait", "--timeout", "180s");
        assertThat(greeting()).isEqualTo("hello");
        assertThat(helm("history", "demo")).contains("superseded", "Rollback to 1");
        assertThat(helm("get", "manifest", "demo")).contains("kind: Widget");
        assertThat(kubectl.ok("get " + widgets() + " -n " + namespace() + " -o name"))
                .contains("/one");
        helm("uninstall", "demo", "--wait", "--timeout", "180s");
        assertThat(kubectl.ok("get deployments,configmaps," + widgets() + " -n " + namespace() + " -o name"))
                .doesNotContain("settings", "/one", "/web");
        assertThat(kubectl.ok("get crd -o name")).contains(widgets());
    }

    private String namespace() {
        return "helm-beside-" + beside.replace('.', '-');
    }

    private String greeting() {
        return kubectl.ok("get configmap settings -n " + namespace() + " -o jsonpath={.data.greeting}");
    }

    private String widgets() {
        return "widgets." + group();
    }

    /// Definitions are the cluster's: each chart brings its own.
    private String group() {
        return "r" + beside.replace(".", "") + ".example.com";
    }

    private Path chart() throws IOException {
        Path chart = folder.resolve("chart-" + beside);
        var files = Map.of(
                "Chart.yaml",
                "apiVersion: v2\nname: demo\nversion: 0.1.0\n",
                "values.yaml",
                "greeting: hello\n",
                "crds/widgets.yaml",
                """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: widgets.GROUP}
                spec:
                  group: GROUP
                  names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}
                  scope: Namespaced
                  versions:
                  - name: v1
                    served: true
                    storage: true
                    schema:
                      openAPIV3Schema:
                        type: object
                        properties:
                          spec: {type: object, properties: {size: {type: integer, minimum: 1}}}
                """.replace("GROUP", group()),
                "templates/app.yaml",
                KubectlSession.APP.replace("greeting: hello", "greeting: \"{{ .Values.greeting }}\""),
                "templates/widget.yaml",
                "apiVersion: " + group() + "/v1\nkind: Widget\nmetadata: {name: one}\nspec: {size: 3}\n");
        for (var file : files.entrySet()) {
            Path path = chart.resolve(file.getKey());
            Files.createDirectories(path.resolveSibling(""));
            Files.writeString(path, file.getValue());
        }
        return chart;
    }

    private String helm(String... words) {
        Path home = folder.resolve("helm-" + beside);
        var command = new ArrayList<>(List.of(
                "/usr/bin/env",
                "HELM_CACHE_HOME=" + home,
                "HELM_CONFIG_HOME=" + home,
                "HELM_DATA_HOME=" + home,
                binary.toString(),
                "--kubeconfig=" + kubectl.kubeconfig(),
                "--namespace=" + namespace()));
        command.addAll(List.of(words));
        return Run.of(command, "", PATIENCE).ok();
    }
}
