package io.insula.tenantapi.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.Annotation;
import java.lang.classfile.AnnotationElement;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A test of ours that bears the name of one of upstream's.
///
/// @param upstream upstream's name
/// @param test our class and method, `a.b.FooTest#method`
/// @param weaker what upstream's looks at and ours does not, [Conformance#NOTHING] where ours is as strong,
///     [#NOT_COMPARED] where nobody has said
record Proof(String upstream, String test, Outcome outcome, String weaker) {

    static final String NOT_COMPARED = "not compared";

    private static final String ANNOTATION = "L" + Conformance.class.getName().replace('.', '/') + ";";

    /// Read from compiled tests, so that they need not be on this class path.
    ///
    /// @param target a module's `target`
    static List<Proof> in(Path target) {
        Path classes = target.resolve("test-classes");
        if (!Files.isDirectory(classes)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(classes)) {
            return files.filter(file -> file.toString().endsWith(".class"))
                    .flatMap(file -> inClass(target, file))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Proof> inClass(Path target, Path file) {
        ClassModel type;
        try {
            type = ClassFile.of().parse(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String name = type.thisClass().asInternalName().replace('/', '.');
        return type.methods().stream().flatMap(method -> {
            String test = name + "#" + method.methodName().stringValue();
            Outcome outcome = ConformanceRecorder.read(target, test);
            return claims(method).stream().map(claim -> new Proof(claim.upstream(), test, outcome, claim.weaker()));
        });
    }

    private record Claim(String upstream, String weaker) {}

    private static List<Claim> claims(MethodModel method) {
        var claims = new ArrayList<Claim>();
        for (Annotation annotation : method.findAttribute(Attributes.runtimeVisibleAnnotations())
                .map(attribute -> attribute.annotations())
                .orElse(List.of())) {
            if (annotation.className().equalsString(ANNOTATION)) {
                List<String> names = texts(annotation, "value");
                List<String> weaker = texts(annotation, "weaker");
                for (int i = 0; i < names.size(); i++) {
                    claims.add(new Claim(names.get(i), statement(weaker, i)));
                }
            }
        }
        return claims;
    }

    private static String statement(List<String> weaker, int name) {
        return switch (weaker.size()) {
            case 0 -> NOT_COMPARED;
            case 1 -> weaker.getFirst();
            default -> weaker.get(name);
        };
    }

    private static List<String> texts(Annotation annotation, String member) {
        return annotation.elements().stream()
                .filter(element -> element.name().equalsString(member))
                .map(AnnotationElement::value)
                .flatMap(value -> ((AnnotationValue.OfArray) value).values().stream())
                .map(value -> ((AnnotationValue.OfString) value).stringValue())
                .toList();
    }
}
