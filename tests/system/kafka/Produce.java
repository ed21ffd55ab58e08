import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Kafka's own producer, for tests of what we read. Lines on the input, fields separated by tabs:
 * !topic NAME PARTITIONS | !codec NAME | !begin ID | !commit | !abort | TOPIC PARTITION KEY VALUE MILLIS [COPIES],
 * keys and values in base64, - for null. Each record has a header. Prints "done".
 */
public class Produce {
  static KafkaProducer<byte[], byte[]> producer;
  static String address;

  static void open(String codec, String transaction) {
    if (producer != null) producer.close();
    Properties p = new Properties();
    p.put("bootstrap.servers", address);
    p.put("compression.type", codec);
    p.put("linger.ms", "20");
    p.put("batch.size", "65536");
    String serializer = "org.apache.kafka.common.serialization.ByteArraySerializer";
    p.put("key.serializer", serializer);
    p.put("value.serializer", serializer);
    if (transaction != null) p.put("transactional.id", transaction);
    producer = new KafkaProducer<>(p);
    if (transaction != null) producer.initTransactions();
  }

  static byte[] bytes(String text) {
    return text.equals("-") ? null : Base64.getDecoder().decode(text);
  }

  public static void main(String[] args) throws Exception {
    address = args[0];
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] f = line.split("\t", -1);
      switch (f[0]) {
        case "!topic" -> {
          Properties p = new Properties();
          p.put("bootstrap.servers", address);
          try (Admin admin = Admin.create(p)) {
            admin.createTopics(List.of(new NewTopic(f[1], Integer.parseInt(f[2]), (short) 1))).all().get();
          }
        }
        case "!codec" -> open(f[1], null);
        case "!begin" -> {
          open("none", f[1]);
          producer.beginTransaction();
        }
        case "!commit" -> producer.commitTransaction();
        case "!abort" -> {
          producer.flush();
          producer.abortTransaction();
        }
        default -> {
          int copies = f.length > 5 ? Integer.parseInt(f[5]) : 1;
          for (int i = 0; i < copies; i++) {
            var record = new ProducerRecord<>(f[0], Integer.parseInt(f[1]), Long.parseLong(f[4]), bytes(f[2]), bytes(f[3]));
            record.headers().add("source", new byte[] {10, 1});
            producer.send(record);
          }
        }
      }
    }
    if (producer != null) producer.close();
    System.out.println("done");
  }
}
