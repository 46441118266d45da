package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

/// The part of a [KubectlSession] that works with a custom resource. Definitions are the cluster's: each release has
/// one of its own.
///
/// @param minor of the release: 22 is 1.22
record KubectlCustomResources(Kubectl kubectl, int minor) {

    void run() {
        kubectl.runWith(definition(), "create", "-f", "-").ok();
        assertThat(kubectl.ok("wait --for=condition=Established crd/" + resource() + " --timeout=20s"))
                .contains("condition met");
        writes();
        reads();
        changes();
        if (minor >= 24) {
            changesItsStatus();
        }
        goes();
    }

    private void writes() {
        assertThat(kubectl.apply(gear())).isEqualTo(object() + " created\n");
        assertThat(kubectl.apply(gear())).isEqualTo(object() + " unchanged\n");
        assertThat(kubectl.runWith(gear(), "apply", "--server-side", "--force-conflicts", "-f", "-")
                        .ok())
                .isEqualTo(object() + " serverside-applied\n");
        Run diff = kubectl.runWith(gear().replace("12", "14"), "diff", "-f", "-");
        assertThat(diff.code()).as(diff.err()).isEqualTo(1);
        assertThat(diff.out()).contains("-  teeth: 12", "+  teeth: 14");
        String toothless = gear().replace("one", "two").replace("12", "1");
        assertThat(kubectl.runWith(toothless, "create", "-f", "-").failed())
                .contains("spec.teeth: Invalid value: 1: ", "should be greater than or equal to 3");
        String unknown = gear().replace("teeth", "teeths");
        assertThat(kubectl.runWith(unknown, "apply", "-f", "-").failed()).contains("unknown field", "teeths");
    }

    private void reads() {
        assertThat(kubectl.ok("get gr" + minor + " -o wide")).containsPattern("NAME +TEETH\none +12\n");
        assertThat(kubectl.ok("describe gear" + minor + " one")).containsPattern("Teeth: +12");
        assertThat(kubectl.ok("explain gears" + minor)).contains("A wheel with teeth.", "spec");
        assertThat(kubectl.ok("explain gears" + minor + ".spec --recursive")).contains("teeth", "ratio");
        assertThat(kubectl.ok("api-resources --api-group=" + group()))
                .containsPattern("gears" + minor + " +gr" + minor + " +" + group() + "/v1 +true +Gear" + minor);
    }

    private void changes() {
        String kind = "gear" + minor;
        assertThat(kubectl.edit("sed -i s/teeth:.*/teeth:\\ 30/", kind, "one").ok())
                .contains("edited");
        assertThat(kubectl.run("patch", kind, "one", "-p", "{}").failed())
                .contains("accepted media types include: application/json-patch+json, application/merge-patch+json");
        assertThat(kubectl.run("patch", kind, "one", "--type=merge", "-p", "{\"spec\":{\"ratio\":\"1:2\"}}")
                        .ok())
                .isEqualTo(object() + " patched\n");
        assertThat(kubectl.ok("scale " + kind + " one --replicas=3")).contains("scaled");
        assertThat(kubectl.ok("get " + kind + " one -o jsonpath={.spec.teeth}/{.spec.ratio}/{.spec.replicas}"))
                .isEqualTo("30/1:2/3");
    }

    private void changesItsStatus() {
        String kind = "gear" + minor;
        String phase = "{\"status\":{\"phase\":\"Good\"}}";
        assertThat(kubectl.run("patch", kind, "one", "--subresource=status", "--type=merge", "-p", phase)
                        .ok())
                .contains("patched");
        assertThat(kubectl.edit("sed -i s/Good/Better/", kind, "one", "--subresource=status")
                        .ok())
                .contains("edited");
        assertThat(kubectl.ok("wait --for=jsonpath={.status.phase}=Better " + kind + "/one --timeout=20s"))
                .contains("condition met");
    }

    private void goes() {
        assertThat(kubectl.ok("delete gear" + minor + " one")).contains("\"one\" deleted");
        assertThat(kubectl.ok("delete crd " + resource())).contains("deleted");
        // the first answer may come by what kubectl has cached
        assertThat(kubectl.run("get", "gears" + minor).failed())
                .containsAnyOf("the server doesn't have a resource type", "could not find the requested resource");
    }

    private String group() {
        return "r" + minor + ".example.com";
    }

    private String resource() {
        return "gears" + minor + "." + group();
    }

    private String object() {
        return "gear" + minor + "." + group() + "/one";
    }

    private String gear() {
        return "apiVersion: " + group() + "/v1\nkind: Gear" + minor
                + "\nmetadata: {name: one}\nspec: {teeth: 12, replicas: 1}\n";
    }

    private String definition() {
        return """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: gearsMINOR.GROUP}
                spec:
                  group: GROUP
                  names: {kind: GearMINOR, plural: gearsMINOR, singular: gearMINOR, shortNames: [grMINOR]}
                  scope: Namespaced
                  versions:
                  - name: v1
                    served: true
                    storage: true
                    additionalPrinterColumns: [{name: Teeth, type: integer, jsonPath: .spec.teeth}]
                    subresources:
                      status: {}
                      scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}
                    schema:
                      openAPIV3Schema:
                        type: object
                        description: A wheel with teeth.
                        properties:
                          spec:
                            type: object
                            properties:
                              teeth: {type: integer, minimum: 3}
                              replicas: {type: integer}
                              ratio: {type: string, nullable: true}
                          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
                """.replace("GROUP", group()).replace("MINOR", Integer.toString(minor));
    }
}
