package dev.zfsdiskimage.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zfsdiskimage.guest.DiskReport;
import dev.zfsdiskimage.guest.DiskReport.Disk;
import java.util.Map;

/** What two disks hold, as one object for a program; what was not seen is left out. */
final class DiskReportJson {
  private DiskReportJson() {}

  static ObjectNode of(DiskReport report) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    disk(json.putObject("boot"), report.boot());
    disk(json.putObject("root"), report.root());
    ObjectNode esp = json.putObject("esp");
    report.esp().fsck().ifPresent(fsck -> esp.put("fsck", fsck));
    report.esp().label().ifPresent(label -> esp.put("label", label));
    report.esp().bytes().ifPresent(bytes -> esp.put("bytes", bytes));
    report.esp().usedBytes().ifPresent(bytes -> esp.put("usedBytes", bytes));
    ObjectNode label = json.putObject("label");
    report.label().state().ifPresent(state -> label.put("state", state));
    report.label().name().ifPresent(name -> label.put("name", name));
    report.label().guid().ifPresent(guid -> label.put("guid", guid));
    report.label().wholeDisk().ifPresent(whole -> label.put("wholeDisk", whole.equals("1")));
    report.label().hostname().ifPresent(hostname -> label.put("hostname", hostname));
    texts(json.putObject("pool"), report.pool());
    datasets(json.putArray("datasets"), report);
    files(json.putArray("files"), report);
    report.fault().ifPresent(fault -> json.put("fault", fault));
    return json;
  }

  private static void disk(ObjectNode json, Disk disk) {
    disk.bytes().ifPresent(bytes -> json.put("bytes", bytes));
    disk.format().ifPresent(format -> json.put("format", format));
    disk.gpt().ifPresent(gpt -> json.put("gpt", gpt));
    ArrayNode partitions = json.putArray("partitions");
    disk.partitions()
        .forEach(
            partition ->
                partitions
                    .addObject()
                    .put("number", partition.number())
                    .put("start", partition.start())
                    .put("end", partition.end())
                    .put("type", partition.typeGuid())
                    .put("name", partition.name()));
  }

  private static void datasets(ArrayNode json, DiskReport report) {
    report
        .datasets()
        .forEach(
            dataset -> {
              ObjectNode each = json.addObject().put("name", dataset.name());
              dataset.usedBytes().ifPresent(bytes -> each.put("usedBytes", bytes));
              texts(each.putObject("properties"), dataset.properties());
            });
  }

  private static void files(ArrayNode json, DiskReport report) {
    report
        .files()
        .forEach(
            file ->
                json.addObject()
                    .put("path", file.path())
                    .put("type", file.type())
                    .put("mode", file.mode())
                    .put("owner", file.owner())
                    .put("bytes", file.bytes()));
  }

  private static void texts(ObjectNode json, Map<String, String> texts) {
    texts.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(text -> json.put(text.getKey(), text.getValue()));
  }
}
