package io.insula.tenantapi.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/// An event while its stream is open, which may be for hours and a hundred thousand times: a tree of one and a half
/// kilobytes becomes two hundred bytes, as most of it is what every event says. Immutable.
///
/// @param length of the event's JSON
record PackedEvent(byte[] data, int length) {

    /// What events usually say, the most usual last.
    private static final byte[] USUAL = """
            "extra":{"authentication.kubernetes.io/pod-name":["authentication.kubernetes.io/pod-uid":[
            "annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"RBAC: allowed by
             ClusterRoleBinding \\"\\" of ClusterRole \\"\\" to User \\"system:serviceaccount:kube-system:
            {"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"","stage":"","user":
            {"username":"kubernetes-admin","groups":["system:masters","system:serviceaccounts","system:authenticated"]}
            ,"requestReceivedTimestamp":"202","requestURI":"/apis/apps/v1/namespaces/default/pods?watch=true
            &allowWatchBookmarks=true&resourceVersion=1&timeoutSeconds=3600","verb":"watch","userAgent":"kubectl/v1.3
             (linux/amd64) kubernetes/","sourceIPs":["127.0.0.1"],"objectRef":{"resource":"pods","namespace":"default"
            ,"apiGroup":"apps","apiVersion":"v1"},"annotations":{"authorization.k8s.io/decision":"allow",
            "authorization.k8s.io/reason":""},"level":"Metadata"}""".replace("\n", "").getBytes(StandardCharsets.UTF_8);

    static PackedEvent of(ObjectNode event) {
        byte[] text = Json.bytes(event);
        try (var deflater = new Deflater(Deflater.BEST_SPEED, true)) {
            deflater.setDictionary(USUAL);
            deflater.setInput(text);
            deflater.finish();
            var packed = new byte[text.length + 64];
            int length = 0;
            while (!deflater.finished()) {
                length += deflater.deflate(packed, length, packed.length - length);
                packed = length == packed.length ? Arrays.copyOf(packed, length * 2) : packed;
            }
            return new PackedEvent(Arrays.copyOf(packed, length), text.length);
        }
    }

    ObjectNode tree() {
        var text = new byte[length];
        try (var inflater = new Inflater(true)) {
            inflater.setDictionary(USUAL);
            inflater.setInput(data);
            int done = 0;
            while (done < length) {
                int some = inflater.inflate(text, done, length - done);
                if (some == 0) {
                    throw new IllegalStateException("packed event ends at " + done + " of " + length + " bytes");
                }
                done += some;
            }
        } catch (DataFormatException e) {
            throw new IllegalStateException("packed event cannot be read", e);
        }
        return Json.parse(text);
    }
}
