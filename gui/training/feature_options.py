"""What can be said of the encoder behind features: which one, where its weights are, and how many extra views."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QToolButton, QWidget

from captioner.encoder_registry import ENCODERS
from captioner.file_names import file_name, printable
from gui.controls.calm_inputs import CalmChoice, CalmNumber
from gui.controls.elided_label import ElidedLabel
from gui.icons import describe, icon
from gui.library.fact_widgets import label
from gui.theme import Space, font
from gui.viewmodels.feature_wishes import MOST_VIEWS, EncoderQuestion, FeatureWishes

_NUMBER_WIDTH = 72


class FeatureOptions(QWidget):
    """Encoder, weights and extra views, as far as the data leaves something to say.

    Signals
    -------
    encoder_chosen(str)
        Name of an encoder, empty for the usual.
    weights_wanted()
        The user wants to choose a file of weights.
    views_chosen(int)
        So many extra views are wanted.
    """

    encoder_chosen = Signal(str)
    weights_wanted = Signal()
    views_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._build()
        self.encoder.activated.connect(lambda _: self.encoder_chosen.emit(self.encoder.currentData()))
        self.weights_button.clicked.connect(self.weights_wanted)
        self.views.valueChanged.connect(lambda views: self.views_chosen.emit(int(views)))
        self.show_wishes(None, FeatureWishes())

    def show_wishes(
        self,
        question: EncoderQuestion | None,
        wishes: FeatureWishes,
        *,
        made_by: str = "",
        has_own_encoder: bool = False,
        lacks_weights: bool = False,
    ) -> None:
        """Show what is wanted.

        Parameters
        ----------
        question
            What there is to say; nothing is shown where that is None.
        made_by
            The encoder that the features name.
        has_own_encoder
            A model is taught further, whose encoder makes the features.
        lacks_weights
            There are no weights of this encoder but in a file that is still to be chosen.
        """
        is_making, is_naming = question is EncoderQuestion.MAKE_WITH, question is EncoderQuestion.MADE_BY
        self._show_sentence(question, made_by)
        is_fixed = is_making and has_own_encoder
        self.encoder.setItemText(0, self.tr("Not known") if is_naming else self.tr("The model's own"))
        self.encoder.setCurrentIndex(0 if is_fixed else max(self.encoder.findData(wishes.encoder), 0))
        self.encoder.setEnabled(not is_fixed)
        _show((self._encoder_name, self.encoder), is_shown=is_making or is_naming)
        has_weights = question is EncoderQuestion.WEIGHTS or (bool(wishes.encoder) and not is_fixed)
        _show((self._weights_name, self.weights_text, self.weights_button), is_shown=has_weights)
        self._show_weights(wishes.weights, lacks_weights=lacks_weights)
        self.views.blockSignals(True)
        self.views.setValue(wishes.views)
        self.views.blockSignals(False)
        _show((self._views_name, self.views, self._views_sentence), is_shown=is_making)
        self.setVisible(question is not None)

    def _show_sentence(self, question: EncoderQuestion | None, made_by: str) -> None:
        texts = {
            EncoderQuestion.MADE_BY: self.tr(
                "These features do not say what made them. Once the encoder is named, a model that learns from them "
                "captions photographs, not such features alone."
            ),
            EncoderQuestion.WEIGHTS: self.tr(
                "These features were made by {encoder}. A model that learns from them needs its weights to caption "
                "photographs."
            ),
        }
        text = "" if question is None else texts.get(question, "")
        self.sentence.setText(text.format(encoder=printable(made_by)))
        self.sentence.setVisible(bool(text))

    def _show_weights(self, path: str, *, lacks_weights: bool) -> None:
        own = self.tr("No file chosen") if lacks_weights else self.tr("The model's own")
        self.weights_text.setText(file_name(Path(path)) if path else own)
        self.weights_text.setToolTip(printable(path).replace("<", "‹"))
        self.weights_sentence.setVisible(lacks_weights)

    def _build(self) -> None:
        self.sentence = label("", "secondary", wraps=True)
        self._build_encoder()
        self._build_views()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.S)
        grid.setVerticalSpacing(Space.S)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.sentence, 0, 0, 1, 3)
        grid.addWidget(self._encoder_name, 1, 0)
        grid.addWidget(self.encoder, 1, 1, 1, 2)
        grid.addWidget(self._weights_name, 2, 0)
        grid.addWidget(self.weights_text, 2, 1)
        grid.addWidget(self.weights_button, 2, 2)
        grid.addWidget(self.weights_sentence, 3, 0, 1, 3)
        grid.addWidget(self._views_name, 4, 0)
        grid.addWidget(self.views, 4, 1, 1, 2, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self._views_sentence, 5, 0, 1, 3)

    def _build_encoder(self) -> None:
        self._encoder_name = label(self.tr("Encoder"))
        self.encoder = CalmChoice()
        self.encoder.setAccessibleName(self.tr("Encoder"))
        self.encoder.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.encoder.addItem(self.tr("The model's own"), "")
        for name in ENCODERS:
            self.encoder.addItem(name, name)
        self._encoder_name.setBuddy(self.encoder)
        self._weights_name = label(self.tr("Weights"))
        self.weights_text = ElidedLabel()
        self.weights_text.setProperty("role", "secondary")
        self.weights_button = QToolButton()
        self.weights_button.setProperty("role", "quiet")
        self.weights_button.setIcon(icon("folder-open"))
        describe(self.weights_button, self.tr("Choose a file of weights"))
        self.weights_sentence = label(
            self.tr(
                "Choose a .safetensors file of its weights. Those of torchvision are fetched on the command line: "
                "captioner extract --weights official."
            ),
            "secondary",
            wraps=True,
        )

    def _build_views(self) -> None:
        self._views_name = label(self.tr("Extra views"))
        self.views = CalmNumber()
        self.views.setDecimals(0)
        self.views.setRange(0, MOST_VIEWS)
        self.views.setFont(font())
        self.views.setFixedWidth(_NUMBER_WIDTH)
        self._views_sentence = label(
            self.tr(
                "Mirrored and cropped photographs, so that the model learns less by heart. Each view takes as much "
                "time and disk space again."
            ),
            "secondary",
            wraps=True,
        )
        self.views.setAccessibleName(self._views_name.text())
        self.views.setAccessibleDescription(self._views_sentence.text())
        self._views_name.setBuddy(self.views)


def _show(parts: Iterable[QWidget], *, is_shown: bool) -> None:
    for part in parts:
        part.setVisible(is_shown)
