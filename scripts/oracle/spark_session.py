"""The one Spark of a program here: ANSI mode, session time zone UTC, quiet."""

import functools
import tempfile


@functools.cache
def spark_session():
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").appName("millrace-oracle")
    settings = {
        "spark.sql.ansi.enabled": "true",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.warehouse.dir": tempfile.mkdtemp(prefix="millrace-spark-warehouse-"),
        "spark.sql.legacy.createHiveTableByDefault": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.task.maxDirectResultSize": "64m",
        "spark.driver.extraJavaOptions": "-Duser.timezone=UTC",
        "spark.log.level": "OFF",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()
