from pathlib import Path

from quantize.files.planning import plan_jobs


def pictures(*inputs: str, **options: object) -> list[str]:
    return [str(job.outputs.picture) for job in plan_jobs(inputs, fields={"k": "16"}, **options)]


def test_results_stand_beside_their_inputs():
    assert pictures("a/photo.jpg", "b.png") == ["a/photo-k16.png", "b-k16.png"]


def test_input_named_twice_counts_once():
    assert pictures("a.jpg", "b.jpg", "a.jpg") == ["a-k16.png", "b-k16.png"]


def test_only_the_last_suffix_goes():
    assert pictures("my.photo.jpg", "photo") == ["my.photo-k16.png", "photo-k16.png"]


def test_dot_in_an_output_stem_stays():
    (job,) = plan_jobs(["a.jpg"], fields={"k": "16"}, output="v1.2.png")
    assert job.outputs.names == {"picture": "v1.2.png", "swatch": "v1.2-swatch.png", "report": "v1.2-report.json"}


def test_output_goes_into_the_output_dir():
    assert pictures("a.jpg", output="x.png", output_dir="d") == ["d/x.png"]


def test_standard_input_is_written_to_standard_output_unless_a_folder_is_given():
    assert pictures("-") == ["None"]
    assert pictures("-", output_dir="d") == ["d/stdin-k16.png"]


def test_every_field_of_the_template_is_filled():
    assert pictures("x/a.jpg", name="{parent}-{stem}-{ext}-{format}-{k}") == ["x/x-a-jpg-png-16.png"]


def test_same_stem_in_two_folders_is_parted_by_parent():
    assert pictures("x/a.jpg", "y/a.jpg", output_dir="d", name="{parent}-{stem}-k{k}") == [
        "d/x-a-k16.png", "d/y-a-k16.png",
    ]  # fmt: skip


def test_word_in_place_of_a_number_takes_the_letter_before_it_too():
    (job,) = plan_jobs(["a.jpg"], fields={"k": "auto"}, name="{stem}-k{k}")
    assert str(job.outputs.picture) == "a-auto.png"


def test_report_may_not_be_planned_where_it_is_not_wanted():
    (job,) = plan_jobs(["a.jpg"], fields={"k": "16"}, swatch=False, report=False)
    assert job.outputs.paths == (Path("a-k16.png"),)
