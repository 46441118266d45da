package io.insula.tenantapi.wire;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import io.kubernetes.client.proto.Meta;

/// The protobuf messages of `apiregistration.k8s.io/v1`, which the library of all others lacks. Immutable.
///
/// Source: kubernetes/kube-aggregator, `pkg/apis/apiregistration/v1/generated.proto`.
final class ApiRegistrationMessages {

    private static final String PACKAGE = "k8s.io.kube_aggregator.pkg.apis.apiregistration.v1";
    private static final String META = "." + Meta.getDescriptor().getPackage() + ".";

    static final FileDescriptor FILE = file();

    private ApiRegistrationMessages() {}

    private static FileDescriptor file() {
        var file = FileDescriptorProto.newBuilder()
                .setName(PACKAGE.replace('.', '/') + "/generated.proto")
                .setPackage(PACKAGE)
                .setSyntax("proto2")
                .addDependency(Meta.getDescriptor().getName())
                .addMessageType(message("APIService")
                        .addField(part("metadata", 1, META + "ObjectMeta"))
                        .addField(part("spec", 2, own("APIServiceSpec")))
                        .addField(part("status", 3, own("APIServiceStatus"))))
                .addMessageType(message("APIServiceList")
                        .addField(part("metadata", 1, META + "ListMeta"))
                        .addField(part("items", 2, own("APIService"))
                                .setLabel(FieldDescriptorProto.Label.LABEL_REPEATED)))
                .addMessageType(message("APIServiceSpec")
                        .addField(part("service", 1, own("ServiceReference")))
                        .addField(scalar("group", 2, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(scalar("version", 3, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(scalar("insecureSkipTLSVerify", 4, FieldDescriptorProto.Type.TYPE_BOOL))
                        .addField(scalar("caBundle", 5, FieldDescriptorProto.Type.TYPE_BYTES))
                        .addField(scalar("groupPriorityMinimum", 7, FieldDescriptorProto.Type.TYPE_INT32))
                        .addField(scalar("versionPriority", 8, FieldDescriptorProto.Type.TYPE_INT32)))
                .addMessageType(message("ServiceReference")
                        .addField(scalar("namespace", 1, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(scalar("name", 2, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(scalar("port", 3, FieldDescriptorProto.Type.TYPE_INT32)))
                .addMessageType(message("APIServiceStatus")
                        .addField(part("conditions", 1, own("APIServiceCondition"))
                                .setLabel(FieldDescriptorProto.Label.LABEL_REPEATED)))
                .addMessageType(message("APIServiceCondition")
                        .addField(scalar("type", 1, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(scalar("status", 2, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(part("lastTransitionTime", 3, META + "Time"))
                        .addField(scalar("reason", 4, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(scalar("message", 5, FieldDescriptorProto.Type.TYPE_STRING)))
                .build();
        try {
            return FileDescriptor.buildFrom(file, new FileDescriptor[] {Meta.getDescriptor()});
        } catch (DescriptorValidationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static DescriptorProto.Builder message(String name) {
        return DescriptorProto.newBuilder().setName(name);
    }

    private static String own(String name) {
        return "." + PACKAGE + "." + name;
    }

    private static FieldDescriptorProto.Builder part(String name, int number, String type) {
        return scalar(name, number, FieldDescriptorProto.Type.TYPE_MESSAGE).setTypeName(type);
    }

    private static FieldDescriptorProto.Builder scalar(String name, int number, FieldDescriptorProto.Type type) {
        return FieldDescriptorProto.newBuilder()
                .setName(name)
                .setNumber(number)
                .setType(type)
                .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL);
    }
}
