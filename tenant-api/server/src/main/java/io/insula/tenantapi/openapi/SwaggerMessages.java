package io.insula.tenantapi.openapi;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Which field of which message a key of a Swagger 2.0 document becomes. Immutable.
/// Source: google/gnostic, `openapiv2/OpenAPIv2.proto`. Security, XML and discriminators are missing: no API server
/// tells of them.
final class SwaggerMessages {

    /// One message a line: its name, then `key=number:type`. A type is `text`, `flag`, `whole`, `real`, `any`
    /// or another message, in brackets where the value is a list. `x-` is the field of vendor extensions, `*` that
    /// of all other keys, each a name with a value of that message.
    private static final String TABLE = """
            Document swagger=1:text info=2:Info host=3:text basePath=4:text schemes=5:[text] consumes=6:[text] \
            produces=7:[text] paths=8:Paths definitions=9:Definitions tags=14:[Tag] externalDocs=15:ExternalDocs x-=16
            Info title=1:text version=2:text description=3:text x-=7
            Tag name=1:text description=2:text externalDocs=3:ExternalDocs x-=4
            ExternalDocs description=1:text url=2:text x-=3
            Paths x-=1 *=2:PathItem
            PathItem $ref=1:text get=2:Operation put=3:Operation post=4:Operation delete=5:Operation \
            options=6:Operation head=7:Operation patch=8:Operation parameters=9:[ParametersItem] x-=10
            Operation tags=1:[text] summary=2:text description=3:text externalDocs=4:ExternalDocs operationId=5:text \
            produces=6:[text] consumes=7:[text] parameters=8:[ParametersItem] responses=9:Responses schemes=10:[text] \
            deprecated=11:flag x-=13
            BodyParameter description=1:text name=2:text in=3:text required=4:flag schema=5:Schema x-=6
            QueryParameter required=1:flag in=2:text description=3:text name=4:text allowEmptyValue=5:flag type=6:text \
            format=7:text collectionFormat=9:text default=10:any maximum=11:real exclusiveMaximum=12:flag \
            minimum=13:real exclusiveMinimum=14:flag maxLength=15:whole minLength=16:whole pattern=17:text \
            maxItems=18:whole minItems=19:whole uniqueItems=20:flag enum=21:[any] multipleOf=22:real x-=23
            PathParameter required=1:flag in=2:text description=3:text name=4:text type=5:text format=6:text \
            collectionFormat=8:text default=9:any maximum=10:real exclusiveMaximum=11:flag minimum=12:real \
            exclusiveMinimum=13:flag maxLength=14:whole minLength=15:whole pattern=16:text maxItems=17:whole \
            minItems=18:whole uniqueItems=19:flag enum=20:[any] multipleOf=21:real x-=22
            JsonReference $ref=1:text description=2:text
            Responses *=1:ResponseValue x-=2
            Response description=1:text schema=2:SchemaItem x-=5
            Definitions *=1:Schema
            Schema $ref=1:text format=2:text title=3:text description=4:text default=5:any multipleOf=6:real \
            maximum=7:real exclusiveMaximum=8:flag minimum=9:real exclusiveMinimum=10:flag maxLength=11:whole \
            minLength=12:whole pattern=13:text maxItems=14:whole minItems=15:whole uniqueItems=16:flag \
            maxProperties=17:whole minProperties=18:whole required=19:[text] enum=20:[any] \
            additionalProperties=21:AdditionalProperties type=22:TypeItem items=23:ItemsItem allOf=24:[Schema] \
            properties=25:Definitions readOnly=27:flag externalDocs=29:ExternalDocs example=30:any x-=31
            """;

    private static final Map<String, Message> MESSAGES = parse();

    private SwaggerMessages() {}

    /// @param type of the value, or of each element
    record Field(String key, int number, String type, boolean list) {}

    /// @param fields by rising number
    record Message(List<Field> fields, int extension, int others, String othersType) {}

    static Message message(String name) {
        Message message = MESSAGES.get(name);
        if (message == null) {
            throw new IllegalStateException("no such message: " + name);
        }
        return message;
    }

    private static Map<String, Message> parse() {
        var messages = new HashMap<String, Message>();
        for (String line : TABLE.lines().toList()) {
            String[] words = line.split(" ", -1);
            var fields = new ArrayList<Field>();
            int extension = 0;
            int others = 0;
            String othersType = "";
            for (int i = 1; i < words.length; i++) {
                Field field = field(words[i]);
                switch (field.key()) {
                    case "x-" -> extension = field.number();
                    case "*" -> {
                        others = field.number();
                        othersType = field.type();
                    }
                    default -> fields.add(field);
                }
            }
            fields.sort(Comparator.comparingInt(Field::number));
            messages.put(words[0], new Message(List.copyOf(fields), extension, others, othersType));
        }
        return Map.copyOf(messages);
    }

    private static Field field(String word) {
        int equals = word.indexOf('=');
        String[] rest = word.substring(equals + 1).split(":", 2);
        String type = rest.length > 1 ? rest[1] : "";
        boolean list = type.startsWith("[");
        return new Field(
                word.substring(0, equals),
                Integer.parseInt(rest[0]),
                list ? type.substring(1, type.length() - 1) : type,
                list);
    }
}
