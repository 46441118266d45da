package io.insula.controlplane.backup;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/// What an S3-compatible store says, and is told, in XML. What is none holds nothing.
final class S3Xml {

    private S3Xml() {}

    /// Whether it says that something went wrong.
    static boolean isError(byte[] answer) {
        return root(answer).filter(root -> root.getTagName().equals("Error")).isPresent();
    }

    /// The text of the first element of a name, or nothing.
    static String text(byte[] answer, String name) {
        return root(answer).map(root -> child(root, name)).orElse("");
    }

    /// The text of the first element of a name below another one, or nothing.
    static String child(Element element, String name) {
        NodeList found = element.getElementsByTagName(name);
        return found.getLength() == 0 ? "" : found.item(0).getTextContent();
    }

    static List<Element> each(byte[] answer, String name) {
        var all = new ArrayList<Element>();
        root(answer).ifPresent(root -> {
            NodeList found = root.getElementsByTagName(name);
            for (int i = 0; i < found.getLength(); i++) {
                if (found.item(i) instanceof Element element) {
                    all.add(element);
                }
            }
        });
        return all;
    }

    /// Which parts an upload is of, in their order.
    static byte[] parts(List<String> etags) {
        var out = new StringBuilder("<CompleteMultipartUpload>");
        for (int i = 0; i < etags.size(); i++) {
            out.append("<Part><PartNumber>")
                    .append(i + 1)
                    .append("</PartNumber><ETag>")
                    .append(etags.get(i).replace("&", "&amp;").replace("<", "&lt;"))
                    .append("</ETag></Part>");
        }
        return out.append("</CompleteMultipartUpload>").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static Optional<Element> root(byte[] answer) {
        if (answer.length == 0) {
            return Optional.empty();
        }
        try {
            var factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            var builder = factory.newDocumentBuilder();
            // it would print what it stumbles over
            builder.setErrorHandler(null);
            return Optional.of(builder.parse(new ByteArrayInputStream(answer)).getDocumentElement());
        } catch (SAXException | IOException e) {
            return Optional.empty();
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("every JDK reads XML", e);
        }
    }
}
