from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("care", "0002_sending")]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="title",
            field=models.TextField(blank=True, default=""),
        ),
    ]
