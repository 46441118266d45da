package io.insula.tenantapi.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.re2j.Pattern;
import io.insula.rules.resources.Quantity;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;

/// Whether a single value fits its type, in the words of Go's decoder, and what its canonical form is.
final class Scalars {

    private static final Pattern RFC3339 =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)");
    private static final Pattern QUANTITY_LIKE = Pattern.compile("[+-]?[0-9.]*[0-9][0-9.]*[eEinumkKMGTP]*[-+]?[0-9]*");
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final BigInteger MIN_INT = BigInteger.valueOf(Integer.MIN_VALUE);
    private static final BigInteger MAX_INT = BigInteger.valueOf(Integer.MAX_VALUE);
    private static final BigInteger MIN_LONG = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MAX_LONG = BigInteger.valueOf(Long.MAX_VALUE);

    private Scalars() {}

    /// What is wrong, or the empty string.
    ///
    /// @param field `Struct.path.to.field`
    static String error(SchemaType type, JsonNode value, String field) {
        return switch (type.shape()) {
            case STRING -> value.isTextual() ? textError(type, value.asText()) : mismatch(value, field, goType(type));
            case BOOLEAN -> value.isBoolean() ? "" : mismatch(value, field, "bool");
            case NUMBER -> value.isNumber() ? "" : mismatch(value, field, "float64");
            case INTEGER -> isInteger(value, type.format()) ? "" : mismatch(value, field, goType(type));
            case INT_OR_STRING -> value.isTextual() || isInteger(value, "int32") ? "" : mismatch(value, "", "int32");
            case QUANTITY -> quantityError(value);
            case TIME -> value.isTextual() ? timeError(value.asText()) : mismatch(value, "", "string");
            case OBJECT, MAP, LIST, ANY -> "";
        };
    }

    static JsonNode canonical(SchemaType type, JsonNode value) {
        return switch (type.shape()) {
            case QUANTITY ->
                Quantity.canonical(value.asText().strip())
                        .<JsonNode>map(TextNode::valueOf)
                        .orElse(value);
            case TIME -> TextNode.valueOf(time(value.asText(), type.format()));
            default -> value;
        };
    }

    /// `json: cannot unmarshal string into Go struct field Pod.spec of type v1.PodSpec`.
    static String mismatch(JsonNode value, String field, String goType) {
        String target = field.isEmpty() ? "Go value" : "Go struct field " + field;
        return "json: cannot unmarshal " + goName(value, goType) + " into " + target + " of type " + goType;
    }

    static String goType(SchemaType type) {
        return switch (type.shape()) {
            case STRING -> type.format().equals("byte") ? "[]uint8" : "string";
            case INTEGER -> type.format().isEmpty() ? "int64" : type.format();
            case NUMBER -> "float64";
            case BOOLEAN -> "bool";
            case LIST -> "[]" + goType(type.items());
            case MAP -> "map[string]" + goType(type.items());
            case QUANTITY -> "resource.Quantity";
            case INT_OR_STRING -> "intstr.IntOrString";
            case TIME -> "v1.Time";
            case ANY -> "interface {}";
            case OBJECT -> structType(type.name());
        };
    }

    static String simpleName(String definition) {
        return definition.substring(definition.lastIndexOf('.') + 1);
    }

    private static String structType(String definition) {
        int last = definition.lastIndexOf('.');
        return definition.substring(definition.lastIndexOf('.', last - 1) + 1);
    }

    private static String goName(JsonNode value, String goType) {
        return switch (value.getNodeType()) {
            case STRING -> "string";
            case BOOLEAN -> "bool";
            case ARRAY -> "array";
            case OBJECT -> "object";
            case NUMBER -> goType.startsWith("int") ? "number " + value.asText() : "number";
            default -> "null";
        };
    }

    private static boolean isInteger(JsonNode value, String format) {
        if (!value.isIntegralNumber()) {
            return false;
        }
        BigInteger number = value.bigIntegerValue();
        return format.equals("int32")
                ? number.compareTo(MIN_INT) >= 0 && number.compareTo(MAX_INT) <= 0
                : number.compareTo(MIN_LONG) >= 0 && number.compareTo(MAX_LONG) <= 0;
    }

    private static String textError(SchemaType type, String text) {
        if (!type.format().equals("byte")) {
            return "";
        }
        try {
            Base64.getDecoder().decode(text.replaceAll("[\r\n]", ""));
            return "";
        } catch (IllegalArgumentException _) {
            return "illegal base64 data at input byte " + firstIllegal(text);
        }
    }

    private static int firstIllegal(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean legal = c < 128 && (Character.isLetterOrDigit(c) || "+/=\r\n".indexOf(c) >= 0);
            if (!legal) {
                return i;
            }
        }
        return Math.max(0, text.length() / 4 * 4);
    }

    private static String quantityError(JsonNode value) {
        String text = value.asText().strip();
        if (!value.isContainerNode() && Quantity.parse(text).isPresent()) {
            return "";
        }
        return QUANTITY_LIKE.matcher(text).matches() ? "unable to parse quantity's suffix" : Quantity.ERROR;
    }

    private static String timeError(String text) {
        try {
            time(text, "");
            return "";
        } catch (DateTimeException _) {
            return "parsing time \"" + text + "\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"" + text
                    + "\" as \"2006\"";
        }
    }

    private static String time(String text, String format) {
        if (!RFC3339.matcher(text).matches()) {
            throw new DateTimeException("not RFC 3339: " + text);
        }
        OffsetDateTime time = OffsetDateTime.parse(text, DateTimeFormatter.ISO_OFFSET_DATE_TIME);
        return format.equals("micro-time") ? MICROS.format(time) : SECONDS.format(time);
    }
}
