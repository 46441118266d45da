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
import java.util.Optional;
import java.util.stream.Stream;

/// A test of ours that bears the name of one of upstream's.
///
/// @param upstream upstream's name
/// @param test our class and method, `a.b.FooTest#method`
record Proof(String upstream, String test, Outcome outcome) {

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
            return names(method).stream()
                    .map(upstream -> new Proof(upstream, test, ConformanceRecorder.read(target, test)));
        });
    }

    private static List<String> names(MethodModel method) {
        var names = new ArrayList<String>();
        for (Annotation annotation : method.findAttribute(Attributes.runtimeVisibleAnnotations())
                .map(attribute -> attribute.annotations())
                .orElse(List.of())) {
            if (annotation.className().equalsString(ANNOTATION)) {
                value(annotation).ifPresent(value -> {
                    for (AnnotationValue one : ((AnnotationValue.OfArray) value).values()) {
                        names.add(((AnnotationValue.OfString) one).stringValue());
                    }
                });
            }
        }
        return names;
    }

    private static Optional<AnnotationValue> value(Annotation annotation) {
        return annotation.elements().stream()
                .filter(element -> element.name().equalsString("value"))
                .map(AnnotationElement::value)
                .findFirst();
    }
}
